// Somebody who has nothing to do with an attack: two members of a quiet room, one of whom says something again and again.
// What its messages take to arrive shows whether the attack reaches others. Its pace is its own, never the server's.

import { setTimeout as pass } from 'node:timers/promises';
import { WireClient, type WireOptions } from './wire-client.ts';

/** Slow enough to be no load of its own. */
const PACE_MS = 20;

export interface Bystander {
  /**
   * Stops talking; what every message took from one member to the other, in milliseconds, sorted. Endless for one that
   * did not come.
   */
  leave(): Promise<readonly number[]>;
}

export async function bystander(
  server: { readonly url: string },
  room = 'bystanders',
  options: WireOptions = {},
): Promise<Bystander> {
  const { client: speaker } = await WireClient.join(server, room, {}, { perMessageDeflate: false, ...options });
  const { client: listener } = await WireClient.join(server, room, {}, { perMessageDeflate: false, ...options });
  const taken: number[] = [];
  let talking = true;
  const talk = async (): Promise<void> => {
    while (talking) {
      const text = `message ${taken.length}`;
      const began = performance.now();
      speaker.send({ type: 'say', text });
      try {
        await listener.said(text);
      } catch {
        // It never came: the attack has won.
        taken.push(Number.POSITIVE_INFINITY);
        return;
      }
      taken.push(performance.now() - began);
      await pass(PACE_MS);
    }
  };
  const talked = talk();
  return {
    leave: async () => {
      talking = false;
      await talked;
      await Promise.all([speaker.drop(), listener.drop()]);
      return taken.sort((a, b) => a - b);
    },
  };
}

/** The value that 99 of 100 do not exceed. */
export function p99(sorted: readonly number[]): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.POSITIVE_INFINITY;
}
