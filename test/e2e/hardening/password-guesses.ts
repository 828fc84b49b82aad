// The scenario of guessing: wrong passwords from one address and from many, each guess on a connection of its own, while
// somebody who knows the password comes from yet another address.

import type { Outcome } from '../../support/outcome.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface Guessing {
  /** From one address, and then as many from all of `addresses` together. */
  readonly cycles: number;
  readonly addresses: number;
  /** The guesses go round these many rooms. */
  readonly rooms: number;
}

export interface GuessOutcome extends Outcome {
  /** The longest that somebody with the password waited to get in, in milliseconds. */
  readonly slowestEntry: number;
}

const PASSWORD = 'the right one';
const HASHED_A_MINUTE = 10;
const HASHED_A_ROOM = 3;
const LANES = 20;
const MINUTE_MS = 60_000;

export async function guessPasswords({ cycles, addresses, rooms }: Guessing): Promise<GuessOutcome> {
  const server = await startServer();
  const violations: string[] = [];
  try {
    const names = Array.from({ length: rooms }, (_, i) => `secret-${i}`);
    for (const name of names) await (await WireClient.join(server, name, { password: PASSWORD })).client.leave();
    const one = await guess(server, names, ['127.0.0.2'], cycles, violations);
    const many = await guess(
      server,
      names,
      Array.from({ length: addresses }, (_, i) => `127.0.1.${i + 1}`),
      cycles,
      violations,
    );
    return {
      counted: {
        guesses: 2 * cycles,
        hashedOfOne: one.hashed,
        hashedOfMany: many.hashed,
        throttled: one.throttled + many.throttled,
        overloaded: one.overloaded + many.overloaded,
        entries: one.entries + many.entries,
      },
      violations,
      slowestEntry: Math.max(one.slowestEntry, many.slowestEntry),
    };
  } finally {
    await server.stop();
  }
}

interface Guessed {
  hashed: number;
  throttled: number;
  overloaded: number;
  entries: number;
  slowestEntry: number;
}

async function guess(
  server: ServerProcess,
  rooms: readonly string[],
  addresses: readonly string[],
  guesses: number,
  violations: string[],
): Promise<Guessed> {
  const counts: Guessed = { hashed: 0, throttled: 0, overloaded: 0, entries: 0, slowestEntry: 0 };
  const hashedAt = new Map<string, number[]>();
  const began = performance.now();
  const next = Array.from({ length: guesses }, (_, i) => i)[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const number of next) {
      const address = addresses[number % addresses.length] ?? '';
      const room = rooms[number % rooms.length] ?? '';
      const code = await tryPassword(server, room, `guess ${number}`, address);
      if (code === 'throttled') counts.throttled++;
      else if (code === 'overloaded') counts.overloaded++;
      else if (code === 'password_wrong') {
        counts.hashed++;
        hashedAt.set(address, [...(hashedAt.get(address) ?? []), performance.now()]);
      } else violations.push(`a wrong password was answered by ${code}`);
    }
  };
  let guessing = true;
  const guest = async (): Promise<void> => {
    do {
      const waited = await enter(server, rooms[counts.entries % rooms.length] ?? '');
      counts.entries++;
      counts.slowestEntry = Math.max(counts.slowestEntry, waited);
    } while (guessing);
  };
  const entering = guest();
  await Promise.all(Array.from({ length: LANES }, lane));
  guessing = false;
  await entering;
  const minutes = 1 + Math.floor((performance.now() - began) / MINUTE_MS);
  const most = Math.min(HASHED_A_MINUTE, HASHED_A_ROOM * rooms.length) * minutes;
  for (const [address, at] of hashedAt) {
    if (at.length > most) violations.push(`${at.length} guesses of ${address} were hashed in ${minutes} minutes`);
  }
  return counts;
}

/** The code of the error line that answers a password. */
async function tryPassword(server: ServerProcess, room: string, password: string, from: string): Promise<string> {
  const client = await WireClient.open(server, room, { localAddress: from, perMessageDeflate: false });
  client.send({ type: 'join', password });
  const { code } = await client.closed;
  return client.of('error')[0]?.code ?? `close code ${code}`;
}

/** Joins with the right password, as often as it takes. The milliseconds until it is in. */
async function enter(server: ServerProcess, room: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const client = await WireClient.open(server, room, { localAddress: '127.0.0.99', perMessageDeflate: false });
    client.send({ type: 'join', password: PASSWORD, last: 0 });
    await new Promise((resolve) => client.socket.once('message', resolve));
    const waited = performance.now() - began;
    await client.drop();
    if (client.types[0] === 'welcome') return waited;
    const [refusal] = client.of('error');
    if (refusal?.code !== 'overloaded') throw new Error(`the right password was answered by ${refusal?.code}`);
  }
}
