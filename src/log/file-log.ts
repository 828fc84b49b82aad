// A room's log as one append-only file: append, read, find, close. When it is synced is LogSync's.
// Must never keep half a batch, nor read a byte beyond the durable end.
import type { BackgroundSums } from './background-sums.ts';
import { CheckedReader } from './checked-reader.ts';
import { SharedDescriptor } from './descriptor.ts';
import { AppendError, DamagedError, LogGoneError, UncertainAppendError } from './errors.ts';
import { type FileSystem, O_APPEND, O_NOFOLLOW, O_RDWR } from './file-system.ts';
import { readFullyInBackground, writeAll } from './files.ts';
import { type FileId, isInPlace, type WatchedLog } from './folder-watch.ts';
import type { KeptAccess } from './kept-access.ts';
import { NEWLINE } from './lines.ts';
import { LogSums } from './log-sums.ts';
import { LogSync, type SyncKeeper } from './log-sync.ts';
import { logPath, type OpenedLog } from './open-log.ts';
import type { Cursor, RoomLog, RoomLogListener } from './room-log.ts';
import type { RoomMeta } from './room-meta.ts';
import { searchAfter, searchAt, searchLast } from './search.ts';
import type { LogFile, TornTail } from './tail.ts';

/** What a log tells its data directory. */
export interface LogKeeper extends SyncKeeper {
  readonly sums: BackgroundSums;
  damaged(error: DamagedError): void;
  /** The log has let go of its file. */
  closed(log: FileLog): void;
}

export class FileLog implements RoomLog, WatchedLog {
  readonly access: KeptAccess;
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #sync: LogSync;
  readonly #keeper: LogKeeper;
  readonly #listener: RoomLogListener;
  readonly #reader: CheckedReader;
  readonly #sums: LogSums;
  /** Undefined once a failed batch could not be cut off: the file is opened again at the next use. */
  #file: SharedDescriptor | undefined;
  #fileId: FileId;
  /** Up to here lines were appended to the file while it was in its place. */
  #lookedAfter: number;
  #tornTail: TornTail | undefined;
  #closing: Promise<void> | undefined;
  /** Until then a closing log may be read: what its last sync covers is still to be told. */
  #ended = false;
  #damage: DamagedError | undefined;
  #lastSeq: number;
  #lastLine: number;
  #appendedEnd: number;

  constructor(access: KeptAccess, folder: string, log: OpenedLog, keeper: LogKeeper, listener: RoomLogListener) {
    const { meta } = access;
    this.access = access;
    this.#folder = folder;
    this.#fs = keeper.disk.fs;
    this.#keeper = keeper;
    this.#listener = listener;
    this.#file = new SharedDescriptor(this.#fs, log.fd);
    this.#reader = new CheckedReader(this.#fs, meta.name, log.sums);
    this.#sums = new LogSums({
      sums: log.sums,
      queue: keeper.sums,
      read: (target, position) => this.#attached().use((fd) => this.#fill(fd, target, position)),
      damaged: (error) => this.#noticed(error),
      failed: (error) => keeper.report({ kind: 'without-sums', room: meta.name, reason: String(error) }),
    });
    this.#fileId = this.#fs.status(log.fd);
    this.#lookedAfter = log.end;
    this.#tornTail = log.tornTail;
    this.#lastSeq = log.lastSeq;
    this.#lastLine = log.lastLine;
    this.#appendedEnd = log.end;
    const synced = (end: number) => this.#sums.synced(end);
    this.#sync = new LogSync({ room: meta.name, log, keeper, listener, file: () => this.#attached(), synced });
    this.#sumUp();
  }

  get meta(): RoomMeta {
    return this.access.meta;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get appendedEnd(): number {
    return this.#appendedEnd;
  }

  get durableEnd(): number {
    return this.#sync.durableEnd;
  }

  get isSynced(): boolean {
    return this.#sync.isSynced;
  }

  append(bytes: Buffer, lastSeq: number): void {
    if (bytes.at(-1) !== NEWLINE) throw new RangeError('Only whole lines are appended to a log.');
    if (lastSeq <= this.#lastSeq) throw new RangeError(`The seq ${lastSeq} does not rise above ${this.#lastSeq}.`);
    this.#checkUsable();
    if (this.closing) throw new AppendError('The log is closed and takes no more messages.');
    if (this.#sync.hasFailed) throw new AppendError('The log could not be synced and takes no more messages.');
    try {
      const { fd } = this.#attached();
      this.#cutTornTail(fd);
      this.#sync.beginMarking();
      this.#writeOrUndo(fd, bytes);
    } catch (error) {
      if (error instanceof DamagedError || error instanceof UncertainAppendError) throw error;
      throw new AppendError('The message could not be written to the log.', { cause: error });
    }
    this.#appendedEnd += bytes.length;
    this.#lastSeq = lastSeq;
    this.#lastLine = lastSeq;
    this.#sync.appended(this.#appendedEnd);
  }

  async read(position: number, target: Buffer, offset: number): Promise<number> {
    const end = this.#readableEnd(position);
    if (end === 0) return 0;
    try {
      return await this.#reader.read(this.#attached(), position, target.subarray(offset), end);
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  readSync(position: number, target: Buffer, offset: number): number {
    const end = this.#readableEnd(position);
    if (end === 0) return 0;
    try {
      return this.#reader.readSync(this.#attached().fd, position, target.subarray(offset), end);
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  findAfter(seq: number): Cursor | undefined {
    this.#checkUsable();
    if (seq > this.#lastSeq) return undefined;
    try {
      const { fd } = this.#attached();
      const cursor = searchAfter(this.#searchable(fd), seq, this.durableEnd);
      this.#reader.checkBefore(fd, cursor.position);
      return cursor;
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  findAt(position: number): Cursor {
    this.#checkUsable();
    try {
      return searchAt(this.#searchable(this.#attached().fd), Math.min(position, this.durableEnd));
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  async findLast(count: number): Promise<Cursor> {
    this.#checkUsable();
    const end = this.durableEnd;
    try {
      return await this.#attached().use((fd) => searchLast(this.#searchable(fd), count, end));
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  async lookAfterFile(): Promise<void> {
    const end = this.#appendedEnd;
    if (end === this.#lookedAfter || this.closing || this.#damage !== undefined) return;
    const isThere = await isInPlace(logPath(this.#folder), this.#fileId);
    if (isThere) this.#lookedAfter = end;
    else if (!this.closing) this.#noticed(new LogGoneError(this.meta.name));
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#letGo();
    return this.#closing;
  }

  async #letGo(): Promise<void> {
    await this.#sync.syncRest();
    // Without another try, a batch that could not be cut off would count at the next opening. Where the disk does not let
    // go of it, the mark stays.
    this.#tryToAttach();
    this.#sumUp();
    await this.#sums.close();
    this.#ended = true;
    const file = this.#file;
    if (file !== undefined) await new Promise<void>((closed) => file.close(closed));
    if (file !== undefined) this.#sync.clearMark(this.#lastLine);
    await this.access.close();
    this.#keeper.closed(this);
  }

  /** With `off` nothing is known to be synced, and a sum must not outlive its lines. */
  #sumUp(): void {
    if (this.#keeper.sync !== 'off') this.#sums.synced(this.#sync.syncedEnd);
  }

  #cutTornTail(fd: number): void {
    this.#tornTail?.cut(this.#fs, fd);
    this.#tornTail = undefined;
  }

  #writeOrUndo(fd: number, bytes: Buffer): void {
    try {
      writeAll(this.#fs, fd, bytes);
    } catch (error) {
      try {
        this.#fs.truncate(fd, this.#appendedEnd);
      } catch (notCut) {
        this.#file?.close();
        this.#file = undefined;
        throw new UncertainAppendError('A message that could not be written could not be cut off either.', {
          cause: notCut,
        });
      }
      throw error;
    }
  }

  /** The open file; one that was let go is opened again and what was not accepted is cut off. */
  #attached(): SharedDescriptor {
    if (this.#file !== undefined) return this.#file;
    const fs = this.#fs;
    const fd = fs.open(logPath(this.#folder), O_RDWR | O_APPEND | O_NOFOLLOW);
    try {
      const status = fs.status(fd);
      if (status.dev !== this.#fileId.dev || status.ino !== this.#fileId.ino) {
        throw this.#noticed(new LogGoneError(this.meta.name));
      }
      const { size } = status;
      if (size < this.#appendedEnd) throw this.#noticed(new DamagedError(this.meta.name, size));
      if (size > this.#appendedEnd) fs.truncate(fd, this.#appendedEnd);
    } catch (error) {
      fs.close(fd);
      throw error;
    }
    this.#file = new SharedDescriptor(fs, fd);
    return this.#file;
  }

  #tryToAttach(): void {
    try {
      this.#attached();
    } catch {
      // It is not open then.
    }
  }

  /** Where the log ends now, or 0 where nothing is to be read at `position`. */
  #readableEnd(position: number): number {
    this.#checkUsable();
    return position < this.durableEnd ? this.durableEnd : 0;
  }

  async #fill(fd: number, target: Buffer, position: number): Promise<void> {
    const read = await readFullyInBackground(this.#fs, fd, target, position);
    if (read < target.length) throw new DamagedError(this.meta.name, position + read);
  }

  #searchable(fd: number): LogFile {
    return { fs: this.#fs, fd, room: this.meta.name };
  }

  /** Quarantines the room at its first damage, or tells whoever listens for it; hands the error on, whatever it is. */
  #noticed(error: unknown): unknown {
    if (error instanceof DamagedError && this.#damage === undefined) {
      this.#damage = error;
      this.#sums.abandon();
      if (this.#listener.damaged === undefined) this.#keeper.damaged(error);
      else this.#listener.damaged(error);
    }
    return error;
  }

  #checkUsable(): void {
    if (this.#damage !== undefined) throw this.#damage;
    if (this.#ended) throw this.#closedError();
  }

  #closedError(): Error {
    return new Error(`The log of room ${JSON.stringify(this.meta.name)} is closed.`);
  }
}
