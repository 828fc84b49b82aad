// The scenario of texts that are made to cost: names of nothing but marks at every door of the server, and messages of
// nothing but dashes in a room's history, which somebody then opens; while two others talk in a room of their own.

import { type Bystander, bystander } from '../../support/bystander.ts';
import { Command } from '../../support/command.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface StrangerText {
  /** Frames with a name of marks, of each kind. */
  readonly names: number;
  /** Messages of 16 KiB of dashes. */
  readonly messages: number;
}

export interface StrangerTextOutcome extends Outcome {
  /** What the messages of the others took, in milliseconds; sorted. */
  readonly taken: readonly number[];
  /** Milliseconds in which the client of a newcomer has shown the history. */
  readonly shownMs: number;
}

/** As many as a frame holds; of classes that fall, so that normalising moves each before all others. */
const MARKS = `a${['\u0345', '\u0315', '\u0301', '\u0316'].map((mark) => mark.repeat(8_000)).join('')}`;
const DASHES = `a${'-'.repeat(16_300)}a`;
const LAST = 'that was all';
const NO_COMPRESSION = { perMessageDeflate: false };

export async function sendStrangerText({ names, messages }: StrangerText): Promise<StrangerTextOutcome> {
  const server = await startServer({ args: ['--trust-proxy'] });
  const violations: string[] = [];
  let others: Bystander | undefined;
  try {
    others = await bystander(server);
    for (let i = 0; i < names; i++) {
      const refused = await Promise.all([joinAs(server, i), renameTo(server, i), enterRoom(server, i)]);
      for (const code of refused) if (code !== 4400) violations.push(`a name of marks was answered with ${code}`);
    }
    const { client: stranger } = await WireClient.join(server, 'history', { nick: 'eve' }, from(0));
    for (let i = 0; i < messages; i++) await stranger.say(DASHES, `${i}`);
    await stranger.say(LAST);
    const shownMs = await openHistory(server).catch((error: unknown) => {
      violations.push(`the history was not shown: ${error instanceof Error ? error.message.slice(0, 100) : error}`);
      return Number.POSITIVE_INFINITY;
    });
    const taken = await others.leave();
    return { counted: { names: 3 * names, messages, bystanders: taken.length }, violations, taken, shownMs };
  } finally {
    await server.stop();
  }
}

/** A stranger behind the proxy, from one of many addresses. */
function from(i: number) {
  return { ...NO_COMPRESSION, headers: { 'X-Forwarded-For': `198.51.100.${i % 250}` } };
}

async function joinAs(server: ServerProcess, i: number): Promise<number> {
  const client = await WireClient.open(server, 'lobby', from(i));
  client.send({ type: 'join', nick: MARKS });
  return (await client.closed).code;
}

async function renameTo(server: ServerProcess, i: number): Promise<number> {
  const { client } = await WireClient.join(server, 'lobby', {}, from(i));
  client.send({ type: 'nick', nick: MARKS });
  return (await client.closed).code;
}

async function enterRoom(server: ServerProcess, i: number): Promise<number> {
  // A path holds less: 8 KiB of headers, and each mark is six characters there.
  const client = await WireClient.open(server, `a${'\u0345\u0301'.repeat(600)}`, from(i));
  return (await client.closed).code;
}

async function openHistory(server: ServerProcess): Promise<number> {
  const began = performance.now();
  const newcomer = new Command(['join', 'history', '--server', server.url, '--nick', 'ann'], { env: server.env });
  try {
    await newcomer.printed('stdout', new RegExp(`${LAST}\n$`));
    return performance.now() - began;
  } finally {
    await newcomer.stop();
  }
}
