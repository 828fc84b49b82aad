// A room: its members, what was said in this turn, and the log that has the rest. Save, then tell: nobody sees a line that is
// not in the log. Knows members, never the connections behind them, nor where the order of lines is decided.

import type { Attempt, Batch, Ledger, LedgerOwner, NewLine, OpenedRoom, ReadableLog } from '../../log/index.ts';
import { encodeLine, exceedsBytes, MAX_LOG_LINE_BYTES, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { Turn } from '../common/turn.ts';
import type { EventSink } from '../reporting/events.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { tellDepartures } from './attendance.ts';
import { type Backlog, memoryOf, RoomBacklog } from './backlog.ts';
import { sharesOf, type Telling } from './batch.ts';
import { Entry, eventsOf, type Settle } from './entry.ts';
import { framesOf, HEADROOM } from './line-frames.ts';
import type { Member, MemberSource } from './member.ts';
import type { Neighbourhood } from './neighbours.ts';
import { tellLost } from './not-saved.ts';
import type { Pace } from './pace.ts';
import type { ReplayCache } from './replay-cache.ts';
import { RoomMissing } from './room-missing.ts';
import { Roster } from './roster.ts';
import { Rules } from './rules.ts';

/** A batch is flushed before the end of its turn when it grows beyond this, so that no turn takes memory without bound. */
const BATCH_CHARACTERS = 1024 * 1024;

export interface RoomOptions {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly metrics: Metrics;
  /** Milliseconds for which a dropped member is awaited. */
  readonly absence: number;
  readonly backlog: Backlog;
  readonly replays: ReplayCache;
  readonly pace: Pace;
  readonly neighbourhood: Neighbourhood;
}

export class Room implements MemberSource, LedgerOwner {
  readonly roster: Roster;
  readonly rules: Rules;
  /** The settings that the members know. */
  #toldSettings: string;
  /** How often the keys had been changed when the members were given theirs. */
  toldKeys: number | undefined;
  #entries: Entry[] = [];
  #entryCharacters = 0;
  /** How many lines were accepted. */
  accepted = 0;
  answered = 0;
  durableSeq: number;
  /** Handed over and not yet answered, oldest first. */
  readonly #waiting: Telling[] = [];
  readonly #backlog: RoomBacklog;
  /** Members at the durable end that wait for what was said, or accepted, before they joined. */
  readonly #awaitingLive = new Set<Member>();
  /** Joins under way that count on this room staying open. */
  holds = 0;
  /** Its log takes nothing any more: it was deleted under those who hold it. */
  isClosed = false;
  /** Monotonic time since which nobody is here. */
  idleSince: number;
  readonly log: ReadableLog;
  readonly #ledger: Ledger;
  readonly #options: RoomOptions;

  constructor({ log, ledger }: OpenedRoom, options: RoomOptions) {
    this.log = log;
    this.#options = options;
    this.durableSeq = log.lastSeq;
    this.roster = new Roster({
      room: this.name,
      clock: options.clock,
      pace: options.pace,
      events: options.events,
      absence: options.absence,
      onNews: () => options.turn.mark(this),
      neighbourhood: options.neighbourhood,
    });
    this.rules = new Rules(log, options.clock);
    this.#toldSettings = JSON.stringify(this.rules.settings);
    this.toldKeys = log.meta.keys;
    this.#backlog = new RoomBacklog(options.backlog, () => this.#proceed());
    this.idleSince = options.clock.monotonic();
    this.#ledger = ledger(this);
  }

  /** The number that the next line will have, if nobody speaks elsewhere meanwhile. */
  get nextSeq(): number {
    return this.durableSeq + this.accepted - this.answered + 1;
  }

  get name(): string {
    return this.log.meta.name;
  }

  get replays(): ReplayCache {
    return this.#options.replays;
  }

  get isWhole(): boolean {
    return this.#ledger.isWhole;
  }

  /** Members that are connected, here or elsewhere; speakers are not in the room. */
  get present(): number {
    return this.roster.present;
  }

  /** Nothing holds it open. */
  get isIdle(): boolean {
    return this.holds === 0 && this.roster.isEmpty && this.#entries.length === 0 && this.#waiting.length === 0;
  }

  /** The disk does not keep up: whoever speaks here has to wait, until `proceed` of its output. */
  holdsBack(): boolean {
    return this.#backlog.holdsBack();
  }

  /** A member that joins; `announce` is false for one that resumes soon enough. Its reading starts by member.read(). */
  enter(member: Member, announce: boolean): void {
    this.roster.enter(member, announce);
    if (!this.isWhole || this.answered < this.accepted) this.#awaitingLive.add(member);
  }

  /**
   * A member's connection is gone. `await`: it was dropped, and may resume; `silently`: it has resumed already.
   * Whatever it sent that is not yet accepted never will be.
   */
  leave(member: Member, how: 'announce' | 'await' | 'silently'): void {
    member.end();
    this.#awaitingLive.delete(member);
    this.roster.leave(member, how);
    this.idleSince = this.#options.clock.monotonic();
  }

  /** Accepts a message. Throws ProtocolError `too_long`. */
  say(author: Member, text: string, ref: string | undefined): Entry {
    return this.#accept(author, text, ref, undefined);
  }

  /** Tells everybody what is set now, where they do not know it. False: they do. */
  tellSettings(): boolean {
    const { settings } = this.rules;
    const told = JSON.stringify(settings);
    if (told === this.#toldSettings) return false;
    this.#toldSettings = told;
    const line = encodeLine({ type: 'settings', at: this.#options.clock.now(), ...settings });
    for (const member of this.roster.members.values()) member.tellLatest(line);
    return true;
  }

  /** The server's own word to the room. Settles with its seq once it is durable; rejects with ProtocolError, RoomMissing. */
  notice(text: string): Promise<number> {
    if (this.isClosed) return Promise.reject(new RoomMissing(this.name));
    return new Promise((resolve, reject) => {
      this.#accept(undefined, text, undefined, (outcome) =>
        typeof outcome === 'number' ? resolve(outcome) : reject(outcome),
      );
    });
  }

  #accept(author: Member | undefined, text: string, ref: string | undefined, settle: Settle | undefined): Entry {
    const entry = new Entry(author, this.#options.clock.now(), text, ref, settle);
    if (exceedsBytes(entry.rest, MAX_LOG_LINE_BYTES - entry.headBytes(this.nextSeq))) {
      throw new ProtocolError(
        'too_long',
        `A message has at most ${MAX_LOG_LINE_BYTES} bytes as a line of the log.`,
        ref,
      );
    }
    this.accepted++;
    this.#entries.push(entry);
    this.#entryCharacters += entry.rest.length;
    if (this.#entryCharacters >= BATCH_CHARACTERS) this.flush();
    else if (this.#entries.length === 1) this.#options.turn.mark(this);
    return entry;
  }

  /** The end of a turn: what was said in it is handed over, and told once the log has it. */
  flush(): void {
    const entries = this.#entries;
    const news = this.roster.attendance.take(entries.length > 0);
    if (entries.length === 0 && news === undefined) return;
    const characters = this.#entryCharacters;
    this.#entries = [];
    this.#entryCharacters = 0;
    const telling: Telling = { arrivals: news?.arrivals, entries, departures: news?.departures ?? [], memory: 0 };
    this.#waiting.push(telling);
    if (entries.length === 0) {
      this.#tellNews();
      return;
    }
    this.#ledger.append(entries);
    if (telling.entries.length === 0) return;
    telling.memory = memoryOf(entries.length, characters);
    this.#backlog.add(telling.memory);
  }

  committed(batches: readonly Batch[]): void {
    let told = 0;
    for (const batch of batches) told += this.#tell(batch);
    // Not between two batches: the log can be read to the last of them already, which would then be told once more.
    this.#readOn();
    this.#backlog.remove(told);
  }

  lost(count: number, error: Error): void {
    const { entries, memory } = this.#take(count);
    this.#readOn();
    tellLost(entries, error, this.#options.metrics, (message) => this.#warn(message));
    this.#tellNews();
    this.#backlog.remove(memory);
  }

  dropped(lines: ReadonlySet<NewLine>): void {
    let freed = 0;
    for (const telling of this.#waiting) {
      const left = telling.entries.filter((entry) => !lines.has(entry));
      this.answered += telling.entries.length - left.length;
      telling.entries = left;
      if (left.length > 0) continue;
      freed += telling.memory;
      telling.memory = 0;
    }
    this.#tellNews();
    this.#readOn();
    this.#backlog.remove(freed);
  }

  overtaken({ id, attempt }: Attempt): void {
    const left = this.#entries.filter(({ author }) => author?.id !== id || author.attempt >= attempt);
    this.answered += this.#entries.length - left.length;
    this.#entries = left;
    const member = this.roster.members.get(id) ?? this.roster.speakers.get(id);
    if (member === undefined || member.attempt >= attempt) return;
    member.output.fail(new ProtocolError('replaced', 'This client has connected again elsewhere.'));
  }

  /** Whether a client that was ready has come back elsewhere meanwhile. */
  isOvertaken(client: Attempt): boolean {
    return this.#ledger.isOvertaken(client);
  }

  /**
   * Waits until it is known who is here, and until nothing that an earlier attempt of this client said can come after what it
   * is to read; for a client that does not resume, until `since` can be read here, if it was ever said. Rejects with
   * OvertakenError.
   */
  async ready(client: Attempt | undefined, since: number): Promise<void> {
    if (client !== undefined) await this.#ledger.fence(client);
    else if (since > this.log.lastSeq) await this.catchUp();
    await this.roster.known;
  }

  grew(): void {
    this.durableSeq = this.log.lastSeq;
    this.#readOn();
  }

  late(isLate: boolean): void {
    this.#backlog.late(isLate);
  }

  /** Resolves once all that was in the log, wherever it was said, can be read here. */
  catchUp(): Promise<void> {
    return this.#ledger.catchUp();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.roster.close();
    await this.log.close();
    // A log that failed has answered for nothing.
    const why = new ProtocolError('going_away', 'The room was closed before this was seen in it.');
    for (const { entries } of this.#waiting) for (const { settle } of entries) settle?.(why);
  }

  #warn(message: string): void {
    this.#options.events({ event: 'warning', at: this.#options.clock.now(), room: this.name, message });
  }

  #proceed(): void {
    const { members, speakers } = this.roster;
    for (const member of members.values()) member.output.proceed();
    for (const speaker of speakers.values()) speaker.output.proceed();
  }

  /** Shows the members a batch that is in the log; the memory that is free then. */
  #tell({ own, buffer, start, lastSeq }: Batch): number {
    const { members, speakers, readers } = this.roster;
    const { entries, memory } = this.#take(own);
    const began = performance.now();
    this.durableSeq = lastSeq;
    const bytes = buffer.length - HEADROOM;
    const foreign = own === 0 ? buffer.toString('utf8', HEADROOM) : undefined;
    const frames = framesOf(buffer);
    for (const { message, offset } of frames) {
      for (const member of members.values()) member.push(message, start + offset);
      for (const reader of readers) reader.push(message, start + offset);
    }
    if (speakers.size > 0) {
      for (const { speaker, lines, offset } of sharesOf(entries, frames)) speaker.pushOwn(lines, start + offset);
    }
    const { metrics, events } = this.#options;
    metrics.fanOutSeconds.observe((performance.now() - began) / 1000);
    metrics.appendedBytes += bytes;
    metrics.messages += entries.length;
    for (const entry of entries) {
      events(entry.event(this.name));
      entry.settle?.(entry.seq);
    }
    if (foreign !== undefined) for (const event of eventsOf(foreign, this.name)) events(event);
    this.#tellNews();
    return memory;
  }

  /** The oldest lines that wait for an answer, which they have from here on, and the memory that is free then. */
  #take(count: number): { entries: readonly Entry[]; memory: number } {
    this.answered += count;
    const taken: Entry[] = [];
    let memory = 0;
    for (const telling of this.#waiting) {
      if (taken.length === count) break;
      this.#tellArrivals(telling);
      const { entries } = telling;
      const rest = count - taken.length;
      if (entries.length > rest) {
        taken.push(...entries.slice(0, rest));
        telling.entries = entries.slice(rest);
        break;
      }
      telling.entries = [];
      memory += telling.memory;
      telling.memory = 0;
      // Nearly always a batch is what one turn has said.
      if (entries.length === count) return { entries, memory };
      taken.push(...entries);
    }
    return { entries: taken, memory };
  }

  /** Tells what comes and goes around lines that have had their answer, up to the first that has not. */
  #tellNews(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.entries.length === 0; first = this.#waiting[0]) {
      this.#tellArrivals(first);
      tellDepartures(first.departures, this.roster.members.values());
      this.#waiting.shift();
    }
  }

  #tellArrivals(telling: Telling): void {
    telling.arrivals?.deliver(this.roster.members.values());
    telling.arrivals = undefined;
  }

  /** Who waited at the durable end for what was accepted before it joined. */
  #readOn(): void {
    for (const member of this.#awaitingLive) {
      member.read();
      if (member.state !== 'reading') this.#awaitingLive.delete(member);
    }
  }
}
