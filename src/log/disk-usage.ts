// How many rooms there are on the disk and how many bytes their logs have: counted once in the background, and kept up to
// date from then on by what is told. Must never read a log, nor hold up whoever makes, writes or deletes a room.
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { folderName } from './folder-name.ts';
import { roomsPath } from './list-rooms.ts';
import { logPath } from './open-log.ts';

/** What a count has to know of the changes made while it runs. */
type Count = {
  /** Rooms made since it began, by their folders: they are not counted again. */
  readonly made: Set<string>;
  /** What the logs had when it began that were appended to since, by folders. */
  readonly before: Map<string, number>;
  isOutdated: boolean;
};

export class DiskUsage {
  readonly #directory: string;
  /** As counted, without what has changed since the count began. */
  #rooms = 0;
  #bytes = 0;
  #roomsSince = 0;
  #bytesSince = 0;
  #count: Count | undefined;
  #counting: Promise<void> | undefined;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Until the first count is over: those that it has come across. */
  get rooms(): number {
    return this.#rooms + this.#roomsSince;
  }

  /** Bytes of all logs; the same holds. */
  get bytes(): number {
    return this.#bytes + this.#bytesSince;
  }

  created(room: string): void {
    this.#roomsSince += 1;
    this.#count?.made.add(folderName(room));
  }

  /** Bytes were appended to a room's log, which ends at `end` now. */
  appended(room: string, bytes: number, end: number): void {
    this.#bytesSince += bytes;
    if (this.#count === undefined) return;
    const { before } = this.#count;
    const folder = folderName(room);
    if (!before.has(folder)) before.set(folder, end - bytes);
  }

  /** Counts anew what is on the disk: now, or after the count under way. Rejects with the system's error. */
  count(): Promise<void> {
    if (this.#count !== undefined) this.#count.isOutdated = true;
    this.#counting ??= this.#countUntilRight().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  /** Resolves when no folder is looked at any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#counting?.catch(() => {});
  }

  async #countUntilRight(): Promise<void> {
    const isFirst = this.#rooms === 0;
    try {
      for (let isRight = false; !isRight && !this.#closed; ) {
        const count: Count = { made: new Set(), before: new Map(), isOutdated: false };
        this.#count = count;
        // What was told before the walk is on the disk by then.
        const known = { rooms: this.#roomsSince, bytes: this.#bytesSince };
        const { rooms, bytes } = await this.#walk(count, isFirst);
        this.#rooms = rooms;
        this.#bytes = bytes;
        this.#roomsSince -= known.rooms;
        this.#bytesSince -= known.bytes;
        isRight = !count.isOutdated;
      }
    } finally {
      this.#count = undefined;
    }
  }

  async #walk({ made, before }: Count, isFirst: boolean): Promise<{ rooms: number; bytes: number }> {
    let rooms = 0;
    let bytes = 0;
    const parent = roomsPath(this.#directory);
    for await (const { name } of await opendir(parent)) {
      if (this.#closed) break;
      if (made.has(name)) continue;
      rooms += 1;
      const size = before.get(name) ?? (await logSize(join(parent, name)));
      // It may have been appended to while the system was asked.
      bytes += before.get(name) ?? size;
      if (!isFirst) continue;
      this.#rooms = rooms;
      this.#bytes = bytes;
    }
    return { rooms, bytes };
  }
}

async function logSize(folder: string): Promise<number> {
  try {
    return (await stat(logPath(folder))).size;
  } catch (error) {
    // Made or deleted at this moment, or no room at all.
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 0;
    throw error;
  }
}
