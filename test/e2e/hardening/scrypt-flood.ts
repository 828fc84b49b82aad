// The scenario of a flood of passwords: many join at once, with passwords of a mebibyte and with ones that have to be
// hashed, while others chat.

import type { Outcome } from '../../support/outcome.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface ScryptFlood {
  /** Joins at once, each time. */
  readonly joins: number;
  /** How often each kind comes. */
  readonly rounds: number;
}

export interface FloodOutcome extends Outcome {
  /** What a message of the others took to come back, in milliseconds; sorted. */
  readonly receipts: readonly number[];
}

export async function floodWithPasswords({ joins, rounds }: ScryptFlood): Promise<FloodOutcome> {
  const server = await startServer();
  const violations: string[] = [];
  const answers = new Map<string, number>();
  const receipts: number[] = [];
  try {
    await WireClient.join(server, 'secret', { password: 'right' });
    const { client: chatter } = await WireClient.join(server, 'lobby');
    let flooding = true;
    const chat = async (): Promise<void> => {
      while (flooding) {
        const began = performance.now();
        await chatter.say(`message ${receipts.length}`);
        receipts.push(performance.now() - began);
        // As fast as the receipts come would be a flood of its own.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const chatting = chat();
    const flood = async (round: number, password: (join: number) => string): Promise<void> => {
      const knock = async (_: unknown, join: number): Promise<void> => {
        const localAddress = `127.0.${round}.${(join % 250) + 1}`;
        const client = await WireClient.open(server, 'secret', { localAddress, perMessageDeflate: false });
        client.send({ type: 'join', password: password(join) });
        const { code } = await client.closed;
        const answer = client.of('error')[0]?.code ?? String(code);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      };
      await Promise.all(Array.from({ length: joins }, knock));
    };
    for (let round = 1; round <= rounds; round++) {
      await flood(2 * round, () => 'x'.repeat(1024 * 1024));
      await flood(2 * round + 1, (join) => `wrong ${join}`.padEnd(128, '.'));
    }
    flooding = false;
    await chatting;
    // Those with a mebibyte are refused before anything is parsed; of the others at most 66 are hashed or wait for it.
    const expected = new Set(['1009', '1006', 'password_wrong', 'overloaded']);
    for (const answer of answers.keys()) {
      if (!expected.has(answer)) violations.push(`a join of the flood was answered by ${answer}`);
    }
    return {
      counted: { joins: 2 * joins * rounds, ...Object.fromEntries(answers), messages: receipts.length },
      violations,
      receipts: receipts.sort((a, b) => a - b),
    };
  } finally {
    await server.stop();
  }
}
