// A room in which 20 never stop speaking: somebody joins it, and somebody comes back to it whose own messages are under
// way at that very moment.

import { dialRoom } from '../../../src/cli/dialling.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import { type LocalServer, startLocalServer } from '../../support/local-server.ts';
import type { Outcome } from '../../support/outcome.ts';
import { WireClient } from '../../support/wire-client.ts';

const SENDERS = 20;
const UNDER_WAY = 5;
/** What a resumer has under way when it comes back. */
const HANGING = 40;

export async function busyRoom({ rounds, seed }: { rounds: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const server = await startLocalServer();
  const violations: string[] = [];
  let talking = true;
  const url = `${server.url.replace('http', 'ws')}/rooms/lobby`;
  const sayMore = (member: CrowdMember) => {
    if (talking) member.say();
  };
  const senders = Array.from(
    { length: SENDERS },
    (_, i) => new CrowdMember(`s${i}`, { dial: dialRoom(url), last: 0 }, sayMore),
  );
  await Promise.all(senders.map((sender) => sender.until(() => sender.isLive, 'the room')));
  for (const sender of senders) for (let i = 0; i < UNDER_WAY; i += 1) sender.say();

  let slowestMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const began = process.cpuUsage();
    const last = next(2_000);
    const { client: joiner } = await WireClient.join(server, 'lobby', { nick: `joiner${round}`, last });
    // The processor time of all who are in this process, so that what else the machine does is not counted.
    const { user, system } = process.cpuUsage(began);
    slowestMs = Math.max(slowestMs, (user + system) / 1000);
    const replayed = joiner.of('message');
    await joiner.count('message', replayed.length + 100);
    violations.push(...faultsOf(joiner.of('message'), `joiner ${round}`));
    await joiner.drop();
    violations.push(...(await comeBackMidSentence(server, round)));
    if (violations.length > 20) break;
  }
  talking = false;
  await Promise.all(senders.map((sender) => sender.until(() => sender.session.pending === 0, 'its last receipt')));
  const messages = senders.reduce((sum, sender) => sum + sender.said.length, 0);
  for (const sender of senders) {
    violations.push(...faultsOf(sender.shown, sender.name), ...sender.troubles);
    await sender.leave();
  }
  await server.stop();
  return { counted: { rounds, messages, slowestLiveMs: Math.round(slowestMs) }, violations };
}

/**
 * The old connection has messages on their way when the new one resumes: by `live` the client knows which of them the
 * room has, and no other may come any more.
 */
async function comeBackMidSentence(server: LocalServer, round: number): Promise<string[]> {
  const { client: old, welcome, live } = await WireClient.join(server, 'lobby', { nick: `resumer${round}`, last: 0 });
  const { id, key, epoch } = welcome;
  const back = await WireClient.open(server, 'lobby');
  // Half of them may be read before the join is; which, depends on the two sockets.
  for (let i = 0; i < HANGING; i += 1) old.send({ type: 'say', text: `${round} hanging ${i}`, ref: `${i}` });
  back.send({ type: 'join', since: live.seq, epoch, resume: { id, key, attempt: 1 } });
  await back.next('live');
  const own = () => back.of('message').filter((line) => line.id === id);
  const known = own().length;
  await back.say(`${round} marker`, 'marker');
  await back.fence();
  await old.closed;
  const violations = faultsOf(back.of('message'), `resumer ${round}`);
  const late = own().length - known - 1;
  if (late !== 0) violations.push(`resumer ${round}: ${late} of its messages came after live`);
  await back.drop();
  return violations;
}
