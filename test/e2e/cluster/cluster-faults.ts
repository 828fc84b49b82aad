// Speakers that never stop at three nodes of a cluster on three nats-servers, and everything of it killed, frozen, cut off and
// filled up at random moments, while clients go from node to node. In the end of each phase the room falls silent right after
// the routes between servers were reset; then all must have it, with nobody saying anything more. Judges by the stream, read
// apart from our code: by it are measured the copies, byte for byte, and what every member was shown.

import { readFile } from 'node:fs/promises';
import { setTimeout as pass } from 'node:timers/promises';
import { dialRoom } from '../../../src/cli/dialling.ts';
import type { Dial, Socket } from '../../../src/client/index.ts';
import { Names, shardOf } from '../../../src/cluster/subjects.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import type { Outcome } from '../../support/outcome.ts';
import { FAULTS, type Fault } from './faults.ts';
import { NODES, Rig } from './rig.ts';
import { type Rivalry, rivals } from './rivals.ts';
import { streamLog } from './stream-lines.ts';

const SPEAKERS = 6;
/** Messages of one speaker under way at once, and how often it looks whether it may say more. */
const UNDER_WAY = 3;
const SPEAK_EVERY_MS = 10;
/** Between two faults, at most. */
const PAUSE_MS = 1_500;
const FAULTS_A_PHASE = 6;
/** Silences in the end of a phase, each after so many resets of a server's routes, one at most so long after the other. */
const SILENCES = 3;
const RESETS = 3;
const RESET_EVERY_MS = 600;
/** What comes later has not come live. */
const HEARD_WITHIN_MS = 1_000;
/** Silence until all have everything: a look for what was missed comes after 5 s, and a leader may have to be chosen. */
const SILENCE_MS = 40_000;
const RECEIPTS_MS = 90_000;
const MOST_SHOWN = 30;

export interface ClusterFaults {
  readonly seed: number;
  /** Every write of the nats-servers reaches the disk before it is acknowledged. */
  readonly syncAlways: boolean;
  /** It ends with the first phase in which either is reached. */
  readonly faults: number;
  readonly minutes: number;
  /** Of all that there are, those of this name. */
  readonly only?: string | undefined;
}

interface Line {
  readonly type: string;
  readonly seq: number;
  readonly id: string;
  readonly text: string;
}

export async function clusterFaults({ seed, syncAlways, faults, minutes, only }: ClusterFaults): Promise<Outcome> {
  const next = random(seed);
  const draw = drawer(next, only);
  const rig = await Rig.start({ syncAlways });
  const until = performance.now() + minutes * 60_000;
  const totals = new Map<string, number>([
    ['messages', 0],
    ['faults', 0],
  ]);
  const violations: string[] = [];
  try {
    for (let number = 1; violations.length === 0; number++) {
      const phase = new Phase(rig, `lobby-${number}`, next, draw);
      violations.push(...(await phase.run(Math.min(FAULTS_A_PHASE, faults - (totals.get('faults') ?? 0)))));
      for (const [what, count] of phase.counted) totals.set(what, (totals.get(what) ?? 0) + count);
      if ((totals.get('faults') ?? 0) >= faults || performance.now() > until) break;
    }
  } finally {
    await rig.end();
  }
  return { counted: Object.fromEntries(totals), violations: violations.slice(0, MOST_SHOWN) };
}

/** All faults in a random order, and then again in another. */
function drawer(next: (below: number) => number, only: string | undefined): () => Fault {
  const all = FAULTS.filter(({ name }) => only === undefined || name === only);
  let left: Fault[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    const [fault] = left.splice(next(left.length), 1);
    if (fault === undefined) throw new Error(`There is no fault ${only}.`);
    return fault;
  };
}

/** One room, from its opening until all have the same of it. */
class Phase {
  readonly counted = new Map<string, number>();
  readonly #rig: Rig;
  readonly #room: string;
  readonly #stream: string;
  readonly #next: (below: number) => number;
  readonly #draw: () => Fault;
  readonly #speakers: CrowdMember[] = [];
  /** One at each node, which stays there. */
  readonly #listeners: CrowdMember[] = [];
  readonly #sockets = new Map<string, Socket>();
  readonly #struck: string[] = [];
  #talking: readonly CrowdMember[] = this.#speakers;

  constructor(rig: Rig, room: string, next: (below: number) => number, draw: () => Fault) {
    this.#rig = rig;
    this.#room = room;
    this.#stream = new Names('').stream(shardOf(room));
    this.#next = next;
    this.#draw = draw;
  }

  /** Resolves with what was violated. */
  async run(faults: number): Promise<string[]> {
    const violations = await this.#run(faults);
    return violations.map((violation) => `${this.#room}, after ${this.#struck.join(', ')}: ${violation}`);
  }

  async #run(faults: number): Promise<string[]> {
    const members = this.#enter();
    const talking = setInterval(() => {
      for (const one of this.#talking) if (one.session.pending < UNDER_WAY) one.say();
    }, SPEAK_EVERY_MS);
    try {
      await this.#all(members, (one) => one.isLive, 'the room');
      const rivalries: Rivalry[] = [];
      for (let i = 0; i < faults; i++) rivalries.push(await this.#strike(`rival-${i}`));
      await this.#rig.nats.ready();
      await this.#all(members, (one) => one.isLive, 'the room again');
      const behind: string[] = [];
      for (let i = 0; i < SILENCES; i++) behind.push(...(await this.#lastWords()));
      return [...behind, ...(await this.#judge(rivalries))];
    } catch (error) {
      const why = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
      return [why];
    } finally {
      clearInterval(talking);
      for (const member of members) member.session.leave();
    }
  }

  #enter(): readonly CrowdMember[] {
    const urls = this.#rig.urls;
    const enter = (name: string, dials: readonly string[]): CrowdMember => {
      let at = 0;
      const dial: Dial = async (signal) => {
        const url = dials[at++ % dials.length]?.replace('http', 'ws');
        const socket = await dialRoom(`${url}/rooms/${this.#room}`)(signal);
        this.#sockets.set(name, socket);
        return socket;
      };
      return new CrowdMember(name, { dial, random: () => this.#next(1000) / 50_000, isPatient: true });
    };
    for (const [i, url] of urls.entries()) this.#listeners.push(enter(`listener${i}`, [url]));
    for (let i = 0; i < SPEAKERS; i++) {
      // Each connection is to another node than the one before it.
      this.#speakers.push(enter(`speaker${i}`, [...urls.slice(i % NODES), ...urls.slice(0, i % NODES)]));
    }
    return [...this.#listeners, ...this.#speakers];
  }

  async #strike(rival: string): Promise<Rivalry> {
    const next = this.#next;
    await pass(next(PAUSE_MS));
    const { name, strikes, strike } = this.#draw();
    const isLeader = strikes === 'server' && next(2) === 0;
    const target = isLeader ? await this.#rig.nats.leaderOf(this.#stream) : next(3);
    this.#struck.push(name);
    this.#count('faults', 1);
    this.#count(name.replaceAll(' ', '-'), 1);
    const striking = strike({ rig: this.#rig, target, stream: this.#stream, next });
    const rivalry = rivals(this.#rig.urls, this.#room, rival, next);
    if (next(2) === 0) {
      // While lines wait for whatever was struck, their authors go elsewhere.
      await pass(next(500));
      for (const { name: speaker } of this.#speakers) this.#sockets.get(speaker)?.terminate();
      this.#count('moves', this.#speakers.length);
    }
    await striking;
    return rivalry;
  }

  /**
   * One alone says the last lines, while the routes of a server that follows are reset and come straight back: the others decide
   * without it, and it tells its nodes nothing of what it missed. Resolves with who has not been shown all, though nobody says any more.
   */
  async #lastWords(): Promise<string[]> {
    this.#talking = [];
    await this.#all(this.#speakers, (one) => one.session.pending === 0, 'its last receipt');
    const speaker = this.#speakers[this.#next(SPEAKERS)];
    if (speaker === undefined) return [];
    this.#talking = [speaker];
    const leader = await this.#rig.nats.leaderOf(this.#stream);
    const one = (leader + 1 + this.#next(2)) % 3;
    const follower = this.#rig.hasNodes(one) ? one : 3 - leader - one;
    for (let times = RESETS; times > 0; times--) {
      await pass(this.#next(RESET_EVERY_MS));
      for (const route of this.#rig.routesOf(follower)) route.reset();
    }
    await pass(this.#next(SPEAK_EVERY_MS));
    this.#talking = [];
    await speaker.until(() => speaker.session.pending === 0, 'its last receipt', RECEIPTS_MS);
    const last = speaker.shown.at(-1)?.seq ?? 0;
    const behind = [...this.#listeners, ...this.#speakers].filter(({ shown }) => (shown.at(-1)?.seq ?? 0) < last);
    await pass(HEARD_WITHIN_MS);
    this.#count('silences', 1);
    if (behind.some(({ shown }) => (shown.at(-1)?.seq ?? 0) < last)) this.#count('missed', 1);
    const waiting = behind.map(async (member) => {
      const hasAll = member.until(() => (member.shown.at(-1)?.seq ?? 0) >= last, 'the last line', SILENCE_MS);
      return hasAll.then(
        () => [],
        () => [`${member.name} has ${member.shown.at(-1)?.seq} of ${last} lines in silence`],
      );
    });
    return (await Promise.all(waiting)).flat();
  }

  async #judge(rivalries: readonly Rivalry[]): Promise<string[]> {
    const violations: string[] = [];
    const { bytes, messages, voids } = await streamLog(this.#rig.nats.urls, this.#stream, this.#room);
    const lines: Line[] = bytes
      .toString()
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text));
    for (const [i, { seq }] of lines.entries()) if (seq !== i + 1) violations.push(`line ${i + 1} has seq ${seq}`);
    const times = new Map<string, number>();
    for (const { text } of lines) times.set(text, (times.get(text) ?? 0) + 1);
    for (const [text, count] of times) if (count > 1) violations.push(`"${text}" is there ${count} times`);
    for (const one of this.#speakers) violations.push(...said(one, lines, times));
    for (const rivalry of rivalries) violations.push(...rivalry.violations(lines));
    const members = [...this.#listeners, ...this.#speakers];
    violations.push(...(await Promise.all(members.map((member) => this.#shown(member, lines)))).flat());
    for (let node = 0; node < NODES; node++) {
      const copy = await readFile(this.#rig.copyOf(node, this.#room));
      if (!copy.equals(bytes))
        violations.push(`node ${node} has ${copy.length} bytes other than the stream's ${bytes.length}`);
    }
    this.#count('messages', lines.length);
    this.#count('batches', messages);
    this.#count('voids', voids);
    return violations;
  }

  /** What is wrong with what a member was shown, by the time that all are to have been shown all. */
  async #shown(member: CrowdMember, lines: readonly Line[]): Promise<string[]> {
    const { name, shown, end } = member;
    const violations: string[] = [];
    await member
      .until(() => shown.at(-1)?.seq === lines.length, 'the last line', SILENCE_MS)
      .catch(() => {
        violations.push(`${name} was not shown the last line, ${lines.length}, but ${shown.at(-1)?.seq}`);
      });
    violations.push(...faultsOf(shown, name));
    if (shown.length !== lines.length) violations.push(`${name} was shown ${shown.length} lines of ${lines.length}`);
    if (end !== undefined) violations.push(`${name} was sent away: ${end.kind} ${end.message}`);
    const refusals = member.refusals.map(({ text, code }) => `refused ${text}: ${code}`);
    violations.push(
      ...member.troubles.filter((trouble) => !refusals.includes(trouble)).map((one) => `${name}: ${one}`),
    );
    return violations;
  }

  #all(members: readonly CrowdMember[], isSo: (member: CrowdMember) => boolean, what: string): Promise<unknown> {
    return Promise.all(members.map((member) => member.until(() => isSo(member), what, RECEIPTS_MS)));
  }

  #count(what: string, count: number): void {
    this.counted.set(what, (this.counted.get(what) ?? 0) + count);
  }
}

/** What is wrong with a speaker's lines in the log. */
function said(
  { name, said: texts, refusals, receipts }: CrowdMember,
  lines: readonly Line[],
  times: ReadonlyMap<string, number>,
): string[] {
  const violations: string[] = [];
  const refused = new Set(refusals.map(({ text }) => text));
  for (const text of receipts) if (!times.has(text)) violations.push(`"${text}" had a receipt, and was never saved`);
  for (const text of texts) {
    if (!refused.has(text) && !times.has(text)) violations.push(`"${text}" was never saved`);
  }
  for (const { text, code } of refusals) {
    if (code !== 'not_saved') violations.push(`"${text}" was refused: ${code}`);
    if (times.has(text)) violations.push(`"${text}" was refused, and is there`);
  }
  let last = -1;
  for (const { text } of lines) {
    if (!text.startsWith(`${name} `)) continue;
    const number = Number(text.slice(name.length + 1));
    if (number < last) violations.push(`"${text}" comes after "${name} ${last}"`);
    last = number;
  }
  return violations;
}
