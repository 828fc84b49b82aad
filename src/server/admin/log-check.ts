// Checks the logs that this server has: every line, every number, every sum.

import type { AdminContext } from './admin-context.ts';

const MOST_PROBLEMS = 100;

export interface VerifiedRoom {
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
  /** Bytes that were compared with the sums they were written with. */
  readonly summed: number;
  readonly problems: readonly { readonly offset: number; readonly reason: string }[];
}

/** One room, where this server has a log of it; else every room, and every folder that should be one. */
export async function* verifyHere(server: AdminContext, room: string | undefined): AsyncGenerator<VerifiedRoom> {
  if (room === undefined) yield* verifyAll(server);
  else if (server.directory.has(room)) yield await verify(server, room);
}

/** What is wrong with one keeps no other from being checked. */
async function* verifyAll(server: AdminContext): AsyncGenerator<VerifiedRoom> {
  const foreign: VerifiedRoom[] = [];
  const found = (folder: string, reason: string) => {
    foreign.push({ name: folder, lines: 0, bytes: 0, summed: 0, problems: [{ offset: 0, reason }] });
  };
  for await (const { name } of server.directory.roomNames(found)) {
    yield* foreign.splice(0);
    const verified = await verify(server, name);
    // One that cannot be read may have been deleted meanwhile.
    if (verified.problems.length === 0 || server.rooms.exists(name)) yield verified;
  }
  yield* foreign;
}

async function verify(server: AdminContext, name: string): Promise<VerifiedRoom> {
  const problems: { offset: number; reason: string }[] = [];
  try {
    const { lines, bytes, summed } = await server.directory.upkeep.verify(name, (problem) => {
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    });
    return { name, lines, bytes, summed, problems };
  } catch (error) {
    const reason = `cannot be read: ${error instanceof Error ? error.message : error}`;
    return { name, lines: 0, bytes: 0, summed: 0, problems: [...problems, { offset: 0, reason }] };
  }
}
