// A room's log as one append-only file: append, sync, read, find, close.
// Must never let `durableEnd` pass a byte that is not written (with `always`: not synced), nor tell half a batch.
import { SharedDescriptor } from './descriptor.ts';
import { AppendError, DamagedError, systemCode } from './errors.ts';
import { type FileSystem, O_APPEND, O_NOFOLLOW, O_RDWR } from './file-system.ts';
import { writeAll } from './files.ts';
import type { IntervalSync, Syncable } from './interval-sync.ts';
import type { KeptAccess } from './kept-access.ts';
import { firstBadLine, MAX_LINE_BYTES, NEWLINE } from './lines.ts';
import { logPath, type OpenedLog, type SyncMode } from './open-log.ts';
import type { OpenMark } from './open-mark.ts';
import type { Cursor, RoomLog, RoomLogListener } from './room-log.ts';
import type { RoomMeta } from './room-meta.ts';
import { type LogFile, searchAfter, searchLast } from './search.ts';

/** What a log tells its data directory. */
export interface LogKeeper {
  readonly fs: FileSystem;
  readonly sync: SyncMode;
  readonly interval: IntervalSync;
  damaged(error: DamagedError): void;
  syncFailed(error: unknown): void;
  /** The log has let go of its file; answers whether it was the last one on it. */
  closed(log: FileLog): boolean;
}

export class FileLog implements RoomLog, Syncable {
  readonly access: KeptAccess;
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #mark: OpenMark;
  readonly #keeper: LogKeeper;
  readonly #listener: RoomLogListener;
  /** Undefined once a failed batch could not be cut off: the file is opened again at the next use. */
  #file: SharedDescriptor | undefined;
  #closing: Promise<void> | undefined;
  /** Until then a closing log may be read: what its last sync covers is still to be told. */
  #ended = false;
  #damage: DamagedError | undefined;
  #syncFailed = false;
  #lastSeq: number;
  #lastLine: number;
  #appendedEnd: number;
  #syncedEnd: number;
  #syncing: Promise<void> | undefined;

  constructor(access: KeptAccess, folder: string, log: OpenedLog, keeper: LogKeeper, listener: RoomLogListener) {
    this.access = access;
    this.#folder = folder;
    this.#fs = keeper.fs;
    this.#mark = log.mark;
    this.#keeper = keeper;
    this.#listener = listener;
    this.#file = new SharedDescriptor(this.#fs, log.fd);
    this.#lastSeq = log.lastSeq;
    this.#lastLine = log.lastLine;
    this.#appendedEnd = log.end;
    // Lines that a killed server left unsynced are synced before the mark goes.
    this.#syncedEnd = log.synced || keeper.sync === 'off' ? log.end : 0;
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
    return this.#keeper.sync === 'always' ? this.#syncedEnd : this.#appendedEnd;
  }

  append(bytes: Buffer, lastSeq: number): void {
    if (bytes.at(-1) !== NEWLINE) throw new RangeError('Only whole lines are appended to a log.');
    if (lastSeq <= this.#lastSeq) throw new RangeError(`The seq ${lastSeq} does not rise above ${this.#lastSeq}.`);
    this.#checkUsable();
    if (this.closing) throw this.#closedError();
    if (this.#syncFailed) throw new AppendError('The log could not be synced and takes no more messages.');
    try {
      const { fd } = this.#attached();
      this.#makeMarkDurable();
      this.#writeOrUndo(fd, bytes);
    } catch (error) {
      if (error instanceof DamagedError) throw error;
      throw new AppendError('The message could not be written to the log.', { cause: error });
    }
    this.#appendedEnd += bytes.length;
    this.#lastSeq = lastSeq;
    this.#lastLine = lastSeq;
    if (this.#keeper.sync === 'always' && this.#syncing === undefined) void this.#commit();
    else if (this.#keeper.sync === 'interval') this.#keeper.interval.add(this);
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

  syncOnce(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#letGo();
    return this.#closing;
  }

  async #letGo(): Promise<void> {
    this.#keeper.interval.remove(this);
    if (this.#keeper.sync === 'off') this.#syncedEnd = this.#appendedEnd;
    else await this.#commit();
    // Without another try, a batch that could not be cut off would count at the next opening. Where the disk does not let
    // go of it, the mark stays.
    this.#canAttach();
    this.#ended = true;
    await this.#file?.close();
    await this.access.close();
    const lastOne = this.#keeper.closed(this);
    if (lastOne && this.#file !== undefined && !this.#behind()) this.#mark.clear(this.#lastLine);
  }

  /** Group commit: each sync covers all that was appended while the one before it ran. */
  async #commit(): Promise<void> {
    while (this.#behind() && !this.#syncFailed && this.#canAttach()) await this.syncOnce();
  }

  async #sync(): Promise<void> {
    if (this.#syncFailed || !this.#behind() || !this.#canAttach()) return;
    const covers = this.#appendedEnd;
    try {
      await this.#attached().use((fd) => this.#fs.syncDataInBackground(fd));
    } catch (error) {
      // The kernel may have dropped the pages that it could not write: a second sync would then wrongly succeed.
      this.#stopSyncing(error);
      return;
    }
    this.#syncedEnd = covers;
    if (this.#keeper.sync === 'always') this.#listener.durable();
  }

  /** With `off` a power loss may do what it likes. */
  #makeMarkDurable(): void {
    if (this.#keeper.sync === 'off') return;
    try {
      this.#mark.makeDurable();
    } catch (error) {
      if (systemCode(error) === 'EIO') this.#stopSyncing(error);
      throw error;
    }
  }

  #stopSyncing(error: unknown): void {
    this.#syncFailed = true;
    this.#keeper.syncFailed(error);
  }

  #behind(): boolean {
    return this.#syncedEnd < this.#appendedEnd;
  }

  #writeOrUndo(fd: number, bytes: Buffer): void {
    try {
      writeAll(this.#fs, fd, bytes);
    } catch (error) {
      try {
        this.#fs.truncate(fd, this.#appendedEnd);
      } catch {
        void this.#file?.close();
        this.#file = undefined;
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

  /** Whether the file is open, or can be again: what was appended before a failure is still to be synced. */
  #canAttach(): boolean {
    try {
      this.#attached();
      return true;
    } catch {
      return false;
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
