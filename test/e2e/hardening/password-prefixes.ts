// The scenario of guessers who never come twice from the same address: each guess is from a fresh /64, in a few /48s or in
// as many /48s as there are guesses; or they make rooms with passwords instead. Meanwhile people come who know the
// password: one who has been in before, and others from addresses that nobody has seen.

import { bystander, p99 } from '../../support/bystander.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export const FLOODS = ['few networks', 'many networks', 'new rooms'] as const;
export type Flood = (typeof FLOODS)[number];

export interface PasswordPrefixes {
  readonly flood: Flood;
  /** Who guess at once. */
  readonly guessers: number;
  /** How often the one who has been in before comes, and so many others. */
  readonly logins: number;
}

export interface PrefixesOutcome extends Outcome {
  /** The longest that a right login took, in milliseconds. */
  readonly slowest: { readonly known: number; readonly fresh: number };
  /** Of a message of members of another room. */
  readonly p99Ms: number;
}

const PASSWORD = 'the right one';
const KNOWN = '2001:db8:ffff::1';
const FEW = 4;

export async function guessFromPrefixes({ flood, guessers, logins }: PasswordPrefixes): Promise<PrefixesOutcome> {
  const server = await startServer({ args: ['--trust-proxy'] });
  const violations: string[] = [];
  const answers = new Map<string, number>();
  let guesses = 0;
  let guessing = true;
  const guesser = async (): Promise<void> => {
    while (guessing) {
      const n = guesses++;
      const network = flood === 'few networks' ? n % FEW : n & 0x7fff;
      const from = `2001:db8:${hex(network)}:${hex(n)}::1`;
      const room = flood === 'new rooms' ? `room-${n}` : 'vault';
      const answer = await login(server, room, from, `guess ${n}`);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  const slowest = { known: 0, fresh: 0 };
  const come = async (who: 'known' | 'fresh', from: string): Promise<void> => {
    const began = performance.now();
    const answer = await login(server, 'vault', from, PASSWORD);
    slowest[who] = Math.max(slowest[who], performance.now() - began);
    if (answer !== 'welcome') violations.push(`the right password of somebody ${who} was answered by ${answer}`);
  };
  try {
    await login(server, 'vault', KNOWN, PASSWORD);
    await login(server, 'vault', KNOWN, PASSWORD);
    const member = await bystander(server);
    const guessed = Array.from({ length: guessers }, guesser);
    for (let i = 0; i < logins; i++) {
      await come('known', KNOWN);
      await come('fresh', `2001:db8:${hex(0x8000 + i)}::1`);
    }
    guessing = false;
    await Promise.all(guessed);
    const taken = await member.leave();
    if (server.output().includes('internal error')) violations.push('the console tells of an internal error');
    return {
      counted: { guesses, ...Object.fromEntries(answers), logins: 2 * logins, refused: violations.length },
      violations,
      slowest,
      p99Ms: p99(taken),
    };
  } finally {
    await server.stop();
  }
}

const hex = (n: number): string => (n & 0xffff).toString(16);

/** The type of the first line that answers a join, or the code of an error. */
async function login(server: ServerProcess, room: string, from: string, password: string): Promise<string> {
  const client = await WireClient.open(server, room, {
    headers: { 'X-Forwarded-For': from },
    perMessageDeflate: false,
  });
  client.send({ type: 'join', password, last: 0 });
  await new Promise((resolve) => client.socket.once('message', resolve).once('close', resolve));
  await client.drop();
  return client.of('error')[0]?.code ?? client.types[0] ?? 'nothing';
}
