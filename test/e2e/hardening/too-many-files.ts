// The scenario of too few descriptors: a server that may open 64 files, and more clients than that.

import type { Outcome } from '../../support/outcome.ts';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export interface FilesOutcome extends Outcome {
  /** Milliseconds from the moment that places were given up until somebody new was in. */
  readonly recovery: number;
}

export async function tooManyFiles({ cycles }: { cycles: number }): Promise<FilesOutcome> {
  const command = ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash', process.execPath, COMMAND, 'serve'] as const;
  const server = await startServer({ command });
  const violations: string[] = [];
  const inside: WireClient[] = [];
  let refused = 0;
  let cut = 0;
  const knock = async (): Promise<void> => {
    try {
      inside.push(await WireClient.open(server, 'lobby', { perMessageDeflate: false }));
    } catch (error) {
      if (`${error}`.includes('503')) refused++;
      else cut++;
    }
  };
  try {
    await Promise.all(Array.from({ length: cycles }, knock));
    await Promise.all(inside.map((client) => client.join()));
    const [first, ...others] = inside;
    if (first === undefined) throw new Error('Nobody got in.');
    const heard = others.map((client) => client.said('still here'));
    await first.say('still here');
    await Promise.all(heard);
    const places = inside.length;
    // A log that is opened has to find a descriptor, too.
    await Promise.all(others.map((client) => client.leave()));
    const began = performance.now();
    for (let i = 1; i < places; i++) await WireClient.join(server, `room-${i % 3}`);
    const recovery = performance.now() - began;
    await first.say('after all');
    if (/internal error/.test(server.output())) violations.push('the console tells of an internal error');
    return { counted: { clients: cycles, inside: places, refused, cut }, violations, recovery };
  } finally {
    const code = await server.stop();
    if (code !== 0) violations.push(`the server ended with ${code}`);
  }
}
