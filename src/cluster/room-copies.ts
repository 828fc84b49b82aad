// The copies of rooms on this node's disk, as they are opened: one that is damaged is made anew, and one that cannot be written
// is said to be, once.

import { type DataDirectory, type ReadableLog, type RoomMeta, UnservableError } from '../log/index.ts';
import { CopiedLog } from './copied-log.ts';
import type { RoomsBucket } from './rooms-bucket.ts';
import { SharedAccess } from './shared-access.ts';

export interface RoomCopiesOptions {
  readonly directory: DataDirectory;
  readonly bucket: RoomsBucket;
  warn(room: string, message: string): void;
  /** So many bytes were appended to this copy. */
  appended(log: ReadableLog, bytes: number): void;
  /** Damage was found in the copy of this room, which is open. */
  damaged(room: string): void;
}

export class RoomCopies {
  readonly #options: RoomCopiesOptions;
  /** Rooms whose copies could not be written when that was tried last. */
  readonly #unwritable = new Set<string>();
  /** What was found wrong with copies while they were read: they are made anew when they are opened next. */
  readonly #doubts = new Map<string, string>();

  constructor(options: RoomCopiesOptions) {
    this.#options = options;
  }

  /** `closing` runs first when the copy is closed. Rejects with UnservableError where it cannot be written. */
  async open(meta: RoomMeta, closing: () => Promise<void>): Promise<CopiedLog> {
    const { bucket, directory, warn, appended, damaged } = this.#options;
    const { name: room } = meta;
    try {
      const copy = await CopiedLog.open({
        directory,
        access: new SharedAccess(bucket, meta),
        doubt: this.#doubts.get(room),
        renewed: (why) => warn(room, `the copy of this room was damaged, and is fetched anew: ${why}.`),
        damaged: (error) => {
          this.#doubts.set(room, error.message.replace(/\.$/, ''));
          damaged(room);
        },
        appended,
        closing,
      });
      this.#doubts.delete(room);
      return copy;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.failed(room, error);
      throw unservable();
    }
  }

  /** Has the copy made anew when it is opened next. */
  doubt(room: string, why: string): void {
    this.#doubts.set(room, why);
  }

  /** Whether the copy could not be written when that was tried last. */
  isUnwritable(room: string): boolean {
    return this.#unwritable.has(room);
  }

  /** The copy could not be written: said once, until it could be. */
  failed(room: string, error: unknown): void {
    if (this.#unwritable.has(room)) return;
    this.#unwritable.add(room);
    this.#options.warn(
      room,
      `the copy of this room cannot be written, and its members are sent to other nodes: ${reasonOf(error)}.`,
    );
  }

  /** The copy was written. */
  written(room: string): void {
    if (this.#unwritable.delete(room)) this.#options.warn(room, 'the copy of this room can be written again.');
  }
}

export function unservable(): UnservableError {
  return new UnservableError('This server cannot serve this room right now.');
}

/** What the system said of a failed append. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
