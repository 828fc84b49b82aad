// A room's log as one append-only file: append, read, find, close. When it is synced is LogSync's.
// Must never keep half a batch, nor read a byte beyond the durable end.
import { SharedDescriptor } from './descriptor.ts';
import { AppendError, DamagedError, UncertainAppendError } from './errors.ts';
import { type FileSystem, O_APPEND, O_NOFOLLOW, O_RDWR } from './file-system.ts';
import { writeAll } from './files.ts';
import { firstBadLine, MAX_LINE_BYTES, NEWLINE } from './lines.ts';
import { LogSync, type SyncKeeper } from './log-sync.ts';
import { logPath, type OpenedLog } from './open-log.ts';
import type { Cursor, RoomLog, RoomLogListener } from './room-log.ts';
import type { RoomMeta } from './room-meta.ts';
import { searchAfter, searchLast } from './search.ts';
import type { LogFile, TornTail } from './tail.ts';

/** What a log tells its data directory. */
export interface LogKeeper extends SyncKeeper {
  damaged(error: DamagedError): void;
  /** The log has let go of its file. */
  closed(log: FileLog): void;
}

export class FileLog implements RoomLog {
  readonly meta: RoomMeta;
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #sync: LogSync;
  readonly #keeper: LogKeeper;
  /** Undefined once a failed batch could not be cut off: the file is opened again at the next use. */
  #file: SharedDescriptor | undefined;
  #tornTail: TornTail | undefined;
  #closing: Promise<void> | undefined;
  /** Until then a closing log may be read: what its last sync covers is still to be told. */
  #ended = false;
  #damage: DamagedError | undefined;
  #lastSeq: number;
  #lastLine: number;
  #appendedEnd: number;

  constructor(meta: RoomMeta, folder: string, log: OpenedLog, keeper: LogKeeper, listener: RoomLogListener) {
    this.meta = meta;
    this.#folder = folder;
    this.#fs = keeper.disk.fs;
    this.#keeper = keeper;
    this.#file = new SharedDescriptor(this.#fs, log.fd);
    this.#tornTail = log.tornTail;
    this.#lastSeq = log.lastSeq;
    this.#lastLine = log.lastLine;
    this.#appendedEnd = log.end;
    this.#sync = new LogSync({ room: meta.name, log, keeper, listener, file: () => this.#attached() });
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
    if (this.closing) throw this.#closedError();
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
    const length = this.#readable(position, target, offset);
    if (length === 0) return 0;
    const read = (fd: number) => this.#fs.readInBackground(fd, target, offset, length, position);
    const count = await this.#attached().use(read);
    return this.#checked(target.subarray(offset, offset + count), position, length);
  }

  readSync(position: number, target: Buffer, offset: number): number {
    const length = this.#readable(position, target, offset);
    if (length === 0) return 0;
    const count = this.#fs.read(this.#attached().fd, target, offset, length, position);
    return this.#checked(target.subarray(offset, offset + count), position, length);
  }

  findAfter(seq: number): Cursor | undefined {
    this.#checkUsable();
    if (seq > this.#lastSeq) return undefined;
    try {
      return searchAfter(this.#searchable(this.#attached().fd), seq, this.durableEnd);
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
    this.#ended = true;
    const file = this.#file;
    if (file !== undefined) await new Promise<void>((closed) => file.close(closed));
    if (file !== undefined) this.#sync.clearMark(this.#lastLine);
    this.#keeper.closed(this);
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
      const { size } = fs.status(fd);
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

  #readable(position: number, target: Buffer, offset: number): number {
    this.#checkUsable();
    return Math.max(0, Math.min(target.length - offset, this.durableEnd - position));
  }

  /** The bytes of whole lines among those read at `position`, where `wanted` were to be had. */
  #checked(bytes: Buffer, position: number, wanted: number): number {
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole === 0) {
      // A read that is short before the end is a file that has lost its end.
      const lineDoesNotFit = bytes.length === wanted && wanted < MAX_LINE_BYTES && position + wanted < this.durableEnd;
      if (lineDoesNotFit) return 0;
      throw this.#noticed(new DamagedError(this.meta.name, position));
    }
    const bad = firstBadLine(bytes.subarray(0, whole));
    if (bad !== -1) throw this.#noticed(new DamagedError(this.meta.name, position + bad));
    return whole;
  }

  #searchable(fd: number): LogFile {
    return { fs: this.#fs, fd, room: this.meta.name };
  }

  /** Quarantines the room at its first damage; hands the error on, whatever it is. */
  #noticed(error: unknown): unknown {
    if (error instanceof DamagedError && this.#damage === undefined) {
      this.#damage = error;
      this.#keeper.damaged(error);
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
