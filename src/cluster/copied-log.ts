// A node's copy of a room's log: a log.ndjson like any other, and beside it the index of how far it has come. It is read as
// every log is; nothing but the shared log appends to it.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cursor, DataDirectory, ReadableLog, RoomAccess, RoomLog, RoomMeta } from '../log/index.ts';
import { CopyIndex, type CopyState } from './copy-index.ts';
import type { Copy } from './shared-log.ts';

const INDEX = 'copy.index';
const LOG = 'log.ndjson';

/** Whether what this directory has of a room is a copy, perhaps only just begun, and no log of its own. */
export function isCopy(directory: DataDirectory, room: string): boolean {
  const folder = directory.folderOf(room);
  return existsSync(join(folder, INDEX)) || (statSync(join(folder, LOG), { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** Whoever has opened a copy. */
export interface CopyListener {
  /** It has grown by so many bytes. */
  appended(log: ReadableLog, bytes: number): void;
  /** It is about to be closed, once this has resolved. */
  closing(): Promise<void>;
}

export class CopiedLog implements ReadableLog, Copy {
  readonly access: RoomAccess;
  readonly #log: RoomLog;
  readonly #index: CopyIndex;
  readonly #listener: CopyListener;

  /** Opens the copy of a room, made where this node has none; one of another epoch is thrown away. */
  static async open(directory: DataDirectory, access: RoomAccess, listener: CopyListener): Promise<CopiedLog> {
    const { name, epoch, created } = access.meta;
    const nobody = { durable: () => {}, late: () => {} };
    // What is no copy is nobody's to throw away.
    if (directory.has(name) && !isCopy(directory, name))
      throw new Error(`The room ${JSON.stringify(name)} is here already.`);
    if (directory.has(name) && directory.epochOf(name) !== epoch) await directory.deleteRoom(name);
    if (!directory.has(name)) await (await directory.create(name, { created, epoch }, nobody)).close();
    const folder = directory.folderOf(name);
    const index = new CopyIndex(join(folder, INDEX), join(folder, LOG));
    try {
      return new CopiedLog(await directory.open(name, nobody), index, access, listener);
    } catch (error) {
      index.close();
      throw error;
    }
  }

  private constructor(log: RoomLog, index: CopyIndex, access: RoomAccess, listener: CopyListener) {
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

  get lastSeq(): number {
    return this.#log.lastSeq;
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
    this.#index.append({ sequence, end: this.#log.appendedEnd, lastSeq });
  }

  read(position: number, target: Buffer, offset: number): Promise<number> {
    return this.#log.read(position, target, offset);
  }

  readSync(position: number, target: Buffer, offset: number): number {
    return this.#log.readSync(position, target, offset);
  }

  findAfter(seq: number): Cursor | undefined {
    return this.#log.findAfter(seq);
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
