// A node's copy of a room's log: a log.ndjson like any other, and beside it the index of how far it has come. It is read as
// every log is; nothing but the shared log appends to it.
// Must never throw away what is no copy: the lines of one can be had again.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Cursor,
  crc32,
  DamagedError,
  type DataDirectory,
  ForeignRoomError,
  type ReadableLog,
  type RoomAccess,
  type RoomLog,
  type RoomMeta,
} from '../log/index.ts';
import { CopyDamagedError, CopyIndex, type CopyState } from './copy-index.ts';
import type { Copy } from './shared-log.ts';

export interface CopiedLogOptions {
  readonly directory: DataDirectory;
  readonly access: RoomAccess;
  /** What was found wrong with the copy when it was read last. */
  readonly doubt: string | undefined;
  /** The copy was damaged, and is made anew. */
  renewed(why: string): void;
  /** Damage was found in the copy that is open. */
  damaged(error: DamagedError): void;
  /** It has grown by so many bytes. */
  appended(log: ReadableLog, bytes: number): void;
  /** Runs first when the copy is closed. */
  closing(): Promise<void>;
}

const INDEX = 'copy.index';

/** Whether a folder is that of a copy, perhaps only just begun, and of no log of its own. */
export function hasIndex(folder: string): boolean {
  return existsSync(join(folder, INDEX));
}

export function indexPath(directory: DataDirectory, room: string): string {
  return join(directory.folderOf(room), INDEX);
}

export function logPath(directory: DataDirectory, room: string): string {
  return join(directory.folderOf(room), 'log.ndjson');
}

export function isCopy(directory: DataDirectory, room: string): boolean {
  return hasIndex(directory.folderOf(room));
}

export class CopiedLog implements ReadableLog, Copy {
  readonly access: RoomAccess;
  readonly #log: RoomLog;
  readonly #index: CopyIndex;
  readonly #listener: Pick<CopiedLogOptions, 'appended' | 'closing'>;

  /**
   * Opens the copy of a room, made where this node has none; one of another epoch, or that is damaged, is thrown away. Rejects
   * with what the file system says.
   */
  static async open(options: CopiedLogOptions): Promise<CopiedLog> {
    const { directory, access, doubt, renewed } = options;
    const { name } = access.meta;
    if (directory.has(name) && !isCopy(directory, name))
      throw new Error(`The room ${JSON.stringify(name)} is here already.`);
    try {
      if (doubt !== undefined) throw new CopyDamagedError(doubt);
      return await CopiedLog.#open(options);
    } catch (error) {
      if (!isDamage(error) || !isCopy(directory, name)) throw error;
      renewed(error.message);
      await directory.deleteRoom(name);
      return await CopiedLog.#open(options);
    }
  }

  static async #open(options: CopiedLogOptions): Promise<CopiedLog> {
    const { directory, access, damaged } = options;
    const { name, epoch, created } = access.meta;
    const listener = { durable: () => {}, late: () => {}, damaged };
    if (directory.has(name) && directory.metaOf(name)?.epoch !== epoch) await directory.deleteRoom(name);
    const folder = directory.folderOf(name);
    if (!existsSync(folder)) {
      // The index first: a crash leaves nothing that could be taken for a room of a server of its own.
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(indexPath(directory, name), '', { mode: 0o600 });
    }
    if (!directory.has(name)) await (await directory.create(name, { created, epoch }, listener)).close();
    // What a power loss takes of a copy is fetched again under the numbers that it had: none may be skipped.
    rmSync(join(folder, 'open'), { force: true });
    const index = await CopyIndex.open(indexPath(directory, name), logPath(directory, name));
    try {
      return new CopiedLog(await directory.open(name, listener), index, access, options);
    } catch (error) {
      index.close();
      throw error;
    }
  }

  private constructor(
    log: RoomLog,
    index: CopyIndex,
    access: RoomAccess,
    listener: Pick<CopiedLogOptions, 'appended' | 'closing'>,
  ) {
    this.#log = log;
    this.#index = index;
    this.access = access;
    this.#listener = listener;
  }

  get meta(): RoomMeta {
    return this.access.meta;
  }

  get state(): CopyState {
    return this.#index.state;
  }

  get end(): number {
    return this.#log.appendedEnd;
  }

  /** Numbers that a power loss had skipped before the room came into the cluster are behind its last line. */
  get lastSeq(): number {
    return Math.max(this.#log.lastSeq, this.state.lastSeq);
  }

  get appendedEnd(): number {
    return this.#log.appendedEnd;
  }

  get durableEnd(): number {
    return this.#log.durableEnd;
  }

  append(lines: Buffer, sequence: number, lastSeq: number): void {
    if (lines.length > 0) {
      this.#log.append(lines, lastSeq);
      this.#listener.appended(this, lines.length);
    }
    this.#index.append({ sequence, end: this.#log.appendedEnd, lastSeq, sum: crc32(lines, this.state.sum) });
  }

  read(position: number, target: Buffer, offset: number): Promise<number> {
    return this.#log.read(position, target, offset);
  }

  readSync(position: number, target: Buffer, offset: number): number {
    return this.#log.readSync(position, target, offset);
  }

  findAfter(seq: number): Cursor | undefined {
    return this.#log.findAfter(seq <= this.lastSeq ? Math.min(seq, this.#log.lastSeq) : seq);
  }

  findAt(position: number): Cursor {
    return this.#log.findAt(position);
  }

  findLast(count: number): Promise<Cursor> {
    return this.#log.findLast(count);
  }

  async close(): Promise<void> {
    await this.#listener.closing();
    this.#index.close();
    await this.#log.close();
  }
}

/** What is wrong with a copy, where it helps to make it anew. */
function isDamage(error: unknown): error is Error {
  return error instanceof CopyDamagedError || error instanceof DamagedError || error instanceof ForeignRoomError;
}
