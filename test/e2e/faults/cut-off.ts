// `say` and `join`, and sessions as they use them, through a proxy that breaks one connection after the other.

import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { dialRoom } from '../../../src/cli/dialling.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import { FaultProxy, randomFaults } from '../../support/fault-proxy.ts';
import { startLocalServer } from '../../support/local-server.ts';
import type { Outcome } from '../../support/outcome.ts';
import { COMMAND } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

/** Messages of one session under way at once. */
const UNDER_WAY = 40;

/** Two members and a speaker, each on connections that break within 3 kB; a member listens on whole ones. */
export async function cutOffSessions({ messages, seed }: { messages: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const server = await startLocalServer();
  const { client: stranger } = await WireClient.join(server, 'lobby', { nick: 'stranger' });
  const proxy = await FaultProxy.open(server.port, randomFaults(next, 3_000));
  const url = `ws://127.0.0.1:${proxy.port}/rooms/lobby`;
  const share = Math.ceil(messages / 3);
  const sayMore = (member: CrowdMember) => {
    if (member.said.length < share) member.say();
  };
  const patient = { dial: dialRoom(url), random: () => next(1000) / 1_000_000 };
  const members: CrowdMember[] = [];
  // The first dial of a session is not repeated: until it is in, nothing breaks that it could not survive.
  for (const name of ['one', 'two', 'speaker']) {
    const member = await firstIn(() => new CrowdMember(name, { ...patient, speaker: name === 'speaker' }, sayMore));
    members.push(member);
    for (let i = 0; i < Math.min(UNDER_WAY, share); i += 1) member.say();
  }
  await Promise.all(
    members.map((member) =>
      member.until(() => member.said.length === share && member.session.pending === 0, 'its receipts', 300_000),
    ),
  );
  await stranger.count('message', share * 3);
  await stranger.fence();
  const log = stranger.of('message');
  const violations = faultsOf(log, 'the room');
  const inRoom = new Set(log.map(({ text }) => text));
  for (const member of members) {
    const whole = member.name === 'speaker' ? log.filter(({ text }) => text.startsWith('speaker ')) : log;
    await member.until(() => member.shown.at(-1)?.seq === whole.at(-1)?.seq, 'the last line');
    violations.push(...faultsOf(member.shown, member.name), ...member.troubles);
    if (member.shown.length !== whole.length) violations.push(`${member.name} saw ${member.shown.length} lines`);
    for (const text of member.said) if (!inRoom.has(text)) violations.push(`"${text}" is lost`);
    if (member.receipts.join() !== member.said.join()) violations.push(`${member.name}: receipts out of order`);
  }
  if (log.length !== share * 3) violations.push(`the room has ${log.length} of ${share * 3} messages`);
  const losses = members.reduce((sum, member) => sum + member.losses, 0);
  for (const member of members) await member.leave();
  await proxy.close();
  await server.stop();
  return { counted: { messages: log.length, faults: proxy.struck, losses }, violations };
}

async function firstIn(begin: () => CrowdMember): Promise<CrowdMember> {
  for (;;) {
    const member = begin();
    await member.until(() => member.isLive || member.end !== undefined, 'the room');
    if (member.end === undefined) return member;
  }
}

/** The commands themselves, whose back-off is the real one: `cuts` of their connections while `messages` pass. */
export async function cutOffCommands(options: { messages: number; cuts: number; seed: number }): Promise<Outcome> {
  const { messages, cuts, seed } = options;
  const next = random(seed);
  const server = await startLocalServer();
  const proxy = await FaultProxy.open(server.port, () => undefined);
  const address = `127.0.0.1:${proxy.port}`;
  const join = execa(process.execPath, [COMMAND, 'join', 'lobby', '--json', '--server', address, '--nick', 'ear'], {
    buffer: false,
    reject: false,
  });
  const heard: { seq: number; text: string }[] = [];
  let isLive = () => {};
  let hasAll = () => {};
  const live = new Promise<void>((resolve) => {
    isLive = resolve;
  });
  const all = new Promise<void>((resolve) => {
    hasAll = resolve;
  });
  createInterface({ input: join.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    if (line.type === 'live') isLive();
    if (line.type === 'message') heard.push(line);
    if (heard.length >= messages) hasAll();
  });
  await live;
  const say = execa(process.execPath, [COMMAND, 'say', 'lobby', '--server', address], { reject: false });
  const { client: stranger } = await WireClient.join(server, 'lobby', { nick: 'stranger' });
  const kinds = ['drop', 'reset', 'half-close'] as const;
  const part = Math.ceil(messages / (cuts + 1));
  for (let done = 0; done < messages; done += part) {
    const texts = Array.from({ length: Math.min(part, messages - done) }, (_, i) => `line ${done + i}\n`);
    say.stdin.write(texts.join(''));
    // Somewhere in this part both connections break.
    await stranger.count('message', done + 1 + next(texts.length));
    if (done + part < messages) proxy.strike(kinds[next(kinds.length)] ?? 'drop', next(2) === 0 ? 'up' : 'down');
  }
  say.stdin.end();
  const { exitCode, stderr } = await say;
  await stranger.fence();
  await all;
  const log = stranger.of('message');
  const violations = faultsOf(log, 'the room');
  if (exitCode !== 0) violations.push(`say ended with ${exitCode}: ${stderr}`);
  if (log.length !== messages) violations.push(`the room has ${log.length} of ${messages} messages`);
  if (log.some(({ text }, i) => text !== `line ${i}`)) violations.push('the room has them in another order');
  if (heard.map(({ seq }) => seq).join() !== log.map(({ seq }) => seq).join()) {
    violations.push(`join printed ${heard.length} lines, which are not those of the room`);
  }
  join.kill('SIGINT');
  await join;
  await proxy.close();
  await server.stop();
  return { counted: { messages: log.length, cuts: proxy.struck }, violations };
}
