// The rooms in a node's data directory that are no copies: made by a server without a cluster. They join it, or keep the node
// from starting: a room of the cluster under the name of one would be in its place.

import { open } from 'node:fs/promises';
import { DamagedError, type DataDirectory, type RoomMeta } from '../log/index.ts';
import { type Adoption, AdoptionError } from './adoption.ts';
import { hasIndex, indexPath, isCopy, logPath } from './copied-log.ts';
import { CopyIndex } from './copy-index.ts';
import { ClusterError } from './errors.ts';

/** Of many small rooms each waits for NATS and for the disk most of the time. */
const AT_ONCE = 8;

/** Tells of folders that are neither copies nor rooms. */
export async function ownRoomsOf(directory: DataDirectory, warn: (message: string) => void): Promise<string[]> {
  const foreign = (folder: string, reason: string) => {
    if (!hasIndex(folder)) warn(`${folder} is not a room and is left alone: ${reason}`);
  };
  const own: string[] = [];
  for await (const { name } of directory.roomNames(foreign)) if (!isCopy(directory, name)) own.push(name);
  return own;
}

/**
 * Brings these rooms into the cluster, each whole or not at all, and makes copies of what is here. Resolves with how many
 * lines they have. Rejects with ClusterError; what is in the cluster by then stays there, and a copy here.
 */
export async function adoptRooms(
  rooms: readonly string[],
  directory: DataDirectory,
  adoption: Adoption,
): Promise<number> {
  // First all of them: whoever has to move one away, or to repair it, does so before anything has changed.
  for (const room of rooms) {
    await explained(room, directory, async () => adoption.checkName(metaOf(room, directory)));
  }
  const logs = new Map<string, CheckedLog>();
  await eachOf(rooms, async (room) => {
    logs.set(room, await explained(room, directory, () => checkedLog(room, directory)));
  });
  await directory.markCopies();
  await eachOf([...logs], ([room, { lastSeq }]) =>
    explained(room, directory, async () => {
      const state = await adoption.adopt(metaOf(room, directory), { path: logPath(directory, room), lastSeq });
      await CopyIndex.save(indexPath(directory, room), state);
    }),
  );
  return [...logs.values()].reduce((sum, { lines }) => sum + lines, 0);
}

/** Works on some at once, and on no more of them after a failure. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const workOn = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  const all = Array.from({ length: AT_ONCE }, () =>
    workOn().catch((error) => {
      waiting.length = 0;
      throw error;
    }),
  );
  // The directory is closed after a failure: nobody may be at work in it by then.
  await Promise.allSettled(all);
  await Promise.all(all);
}

interface CheckedLog {
  readonly lines: number;
  /** Where its sequence goes on. */
  readonly lastSeq: number;
}

/** Rejects with DamagedError. */
async function checkedLog(room: string, directory: DataDirectory): Promise<CheckedLog> {
  const lastSeq = await closedLog(room, directory, logPath(directory, room));
  const problems: { readonly offset: number; readonly reason: string }[] = [];
  const { lines } = await directory.upkeep.verify(room, (problem) => problems.push(problem));
  const [first] = problems;
  if (first !== undefined) throw new DamagedError(room, first.offset);
  return { lines, lastSeq };
}

/** Opens the log as its own server would, which cuts off a torn end, and closes it; where its sequence goes on. */
async function closedLog(room: string, directory: DataDirectory, path: string): Promise<number> {
  const log = await directory.open(room, { durable: () => {}, late: () => {} });
  try {
    // A node syncs nothing by itself, and closing takes away the mark of lines that a power loss may take.
    const file = await open(path);
    await file.sync().finally(() => file.close());
    return log.lastSeq;
  } finally {
    await log.close();
  }
}

function metaOf(room: string, directory: DataDirectory): RoomMeta {
  const meta = directory.metaOf(room);
  if (meta === undefined) throw new Error(`There is no room ${JSON.stringify(room)}.`);
  return meta;
}

async function explained<T>(room: string, directory: DataDirectory, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedError) {
      throw new ClusterError(
        `${error.message} Start ${directory.path} without --nats and repair it there (see roomchat admin repair).`,
      );
    }
    if (!(error instanceof AdoptionError)) throw error;
    if (error.kind === 'full' || error.kind === 'silent') {
      throw new ClusterError(`${error.message} Start again with --adopt: it goes on where it was.`);
    }
    throw new ClusterError(
      `${error.message} ${directory.folderOf(room)} is left as it is: move it away to start, or export it first by a server without --nats.`,
    );
  }
}
