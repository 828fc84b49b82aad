// A server that is told to stop while messages fly, and everybody who comes back to the one that follows it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dialRoom } from '../../../src/cli/dialling.ts';
import { random } from '../../log/support-lines.ts';
import { CrowdMember, faultsOf } from '../../support/crowd-member.ts';
import type { Outcome } from '../../support/outcome.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const STOP_MS = 10_000;
const SENDERS = 8;
const UNDER_WAY = 20;

/** SIGTERM while eight speak and one peer is frozen; `rounds` times, on one data directory. */
export async function shutdownUnderLoad({ rounds, seed }: { rounds: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const data = await mkdtemp(join(tmpdir(), 'roomchat-stop-'));
  const violations: string[] = [];
  let talking = true;
  let slowestMs = 0;
  let server = await startServer({ data });
  const again = ['--port', String(server.port)];
  const url = `ws://127.0.0.1:${server.port}/rooms/lobby`;
  const sayMore = (member: CrowdMember) => {
    if (talking) member.say();
  };
  const patient = { dial: dialRoom(url), random: () => next(1000) / 50_000 };
  const senders = Array.from({ length: SENDERS }, (_, i) => new CrowdMember(`s${i}`, patient, sayMore));
  await Promise.all(senders.map((sender) => sender.until(() => sender.isLive, 'the room')));
  for (const sender of senders) for (let i = 0; i < UNDER_WAY; i += 1) sender.say();
  for (let round = 0; round < rounds; round += 1) {
    const { client: frozen } = await WireClient.join(server, 'lobby', { nick: 'frozen', last: 0 });
    frozen.socket.pause();
    const goal = senders.map((sender) => sender.said.length + 10 + next(100));
    await Promise.all(senders.map((sender, i) => sender.until(() => sender.said.length > (goal[i] ?? 0), 'its turn')));
    const began = performance.now();
    const exitCode = await server.stop('SIGTERM');
    const took = performance.now() - began;
    slowestMs = Math.max(slowestMs, took);
    if (exitCode !== 0) violations.push(`the server ended with ${exitCode}: ${server.output().slice(-500)}`);
    if (took > STOP_MS) violations.push(`stopping took ${Math.round(took)} ms`);
    frozen.socket.terminate();
    server = await startServer({ data, args: again });
    await Promise.all(senders.map((sender) => sender.until(() => sender.isLive, 'the room')));
  }
  talking = false;
  await Promise.all(senders.map((sender) => sender.until(() => sender.session.pending === 0, 'its last receipt')));
  const { client: stranger } = await WireClient.join(server, 'lobby');
  const log = stranger.of('message');
  violations.push(...faultsOf(log, 'the room'));
  const inRoom = new Set(log.map(({ text }) => text));
  let messages = 0;
  for (const sender of senders) {
    messages += sender.said.length;
    violations.push(...faultsOf(sender.shown, sender.name), ...sender.troubles);
    for (const text of sender.said) if (!inRoom.has(text)) violations.push(`"${text}" is lost`);
    await sender.leave();
  }
  await stranger.leave();
  await server.stop();
  await rm(data, { recursive: true, force: true });
  return { counted: { rounds, messages, slowestStopMs: Math.round(slowestMs) }, violations };
}

/** `clients` in one room, a server that is killed, and one that follows. Times are those of the real back-off. */
export async function everyoneComesBack({ clients, seed }: { clients: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const data = await mkdtemp(join(tmpdir(), 'roomchat-back-'));
  const violations: string[] = [];
  const first = await startServer({ data });
  const url = `ws://127.0.0.1:${first.port}/rooms/lobby`;
  const options = { dial: dialRoom(url), random: () => next(1_000_000) / 1_000_000 };
  const members = Array.from({ length: clients }, (_, i) => new CrowdMember(`c${i}`, options));
  await Promise.all(members.map((member) => member.until(() => member.isLive, 'the room')));
  const lost = members.map((member) => member.until(() => member.losses > 0, 'the loss'));
  await first.stop('SIGTERM');
  await Promise.all(lost);
  const began = performance.now();
  const second = await startServer({ data, args: ['--port', String(first.port)] });
  const seconds = await Promise.all(
    members.map(async (member) => {
      await member.until(() => member.isLive, 'the room again');
      return Math.floor((performance.now() - began) / 1000);
    }),
  );
  // By the waits that were chosen: how fast this machine dials says nothing about the back-off.
  const firstWaits = countBy(members.map((member) => Math.floor((member.waits[0] ?? 0) / 1000)));
  const crowd = Math.max(...firstWaits.values());
  if (crowd > clients / 2) violations.push(`${crowd} of ${clients} chose the same second`);
  const last = Math.max(...seconds);
  if (last > 60) violations.push(`the last was back after ${last} s`);
  const most = Math.max(...countBy(seconds).values());
  for (const member of members) await member.leave();
  await second.stop();
  await rm(data, { recursive: true, force: true });
  return { counted: { clients, choseTheSameSecond: crowd, backInOneSecond: most, lastBackAfterS: last }, violations };
}

function countBy(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
