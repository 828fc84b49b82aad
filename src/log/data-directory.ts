// An open data directory: the secret and the token, and the rooms in it.
// Must never be held by two servers, nor keep anything in memory of a room that is closed, but that it is damaged.
import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackgroundSums } from './background-sums.ts';
import { bootId } from './boot-id.ts';
import { COPIES_MARK, COPIES_TEXT, hasCopies } from './copies-mark.ts';
import { DiskUsage } from './disk-usage.ts';
import { DamagedError, ForeignRoomError, LogGoneError } from './errors.ts';
import { FileLog, type LogKeeper } from './file-log.ts';
import type { DiskSpace, FileSystem } from './file-system.ts';
import { type Disk, readSmallFile, syncFolderInBackground } from './files.ts';
import { folderName } from './folder-name.ts';
import { FolderWatch } from './folder-watch.ts';
import { KeptAccess } from './kept-access.ts';
import { KeptFile } from './kept-file.ts';
import { listRooms, type RoomInfo, roomsPath } from './list-rooms.ts';
import type { Lock } from './lock.ts';
import { logPath, openLog, type SyncMode } from './open-log.ts';
import { OpenLogs } from './open-logs.ts';
import { adminTokenOf, secretOf } from './private-file.ts';
import { finishRepair } from './repair.ts';
import type { Report } from './report.ts';
import type { RoomLog, RoomLogListener } from './room-log.ts';
import { type NewRoom, newRoomMeta, type RoomMeta, readRoomMeta, roomMetaPath, writeRoomMeta } from './room-meta.ts';
import { settledWithin } from './settled-within.ts';
import { SyncQueue } from './sync-queue.ts';
import { checkRoomFolder } from './trusted-folder.ts';
import { UnsyncedLogs } from './unsynced-logs.ts';
import { Upkeep } from './upkeep.ts';

export type DataDirectoryOptions = {
  readonly sync: SyncMode;
  /** Told what the server's console should say. */
  readonly report: Report;
  /** Called once, when a file could not be synced or the directory is gone: what was told may be lost, and the server has to stop. */
  readonly fatal: (error: unknown) => void;
  /** Whether what is in it may be copies of the rooms of a cluster. */
  readonly copies?: boolean | undefined;
  readonly fs?: FileSystem | undefined;
  readonly bootId?: string | undefined;
};

export class DataDirectory {
  readonly path: string;
  readonly secret: Buffer;
  readonly adminToken: string;
  readonly usage: DiskUsage;
  readonly upkeep: Upkeep;
  readonly #watch: FolderWatch;
  readonly #fs: FileSystem;
  readonly #disk: Disk;
  readonly #options: DataDirectoryOptions;
  readonly #bootId: string;
  readonly #lock: Lock;
  readonly #atClose: () => Promise<void>;
  readonly #unsynced = new UnsyncedLogs();
  readonly #sums: BackgroundSums;
  readonly #logs = new OpenLogs();
  readonly #kept: KeptFile[] = [];
  /** Rooms that are being opened or made. */
  readonly #opening = new Map<string, Promise<unknown>>();
  readonly #keeper: LogKeeper;
  readonly #damaged = new Map<string, DamagedError>();
  #syncFailed = false;
  #closed: Promise<boolean> | undefined;

  /** To be made by `openDataDirectory`, which holds the lock. */
  constructor(path: string, fs: FileSystem, options: DataDirectoryOptions, lock: Lock, atClose: () => Promise<void>) {
    this.path = path;
    this.#fs = fs;
    this.#disk = { fs, syncs: new SyncQueue(fs) };
    this.#options = options;
    this.#bootId = options.bootId ?? bootId();
    this.#lock = lock;
    this.#atClose = atClose;
    this.secret = secretOf(fs, path);
    this.adminToken = adminTokenOf(fs, path);
    this.usage = new DiskUsage(path);
    this.#sums = new BackgroundSums((error) => options.report({ kind: 'bug', error }));
    this.upkeep = new Upkeep({
      path,
      disk: this.#disk,
      endOf: (room) => this.#logs.get(room)?.durableEnd,
      alone: (room, work) => this.#alone(room, work),
      repaired: (room) => this.#damaged.delete(room),
    });
    this.#watch = new FolderWatch({
      path,
      id: statSync(path),
      lock,
      logs: () => this.#logs.all(),
      gone: (error) => this.#stopOnce(error),
      bug: (error) => options.report({ kind: 'bug', error }),
    });
    this.#keeper = {
      disk: this.#disk,
      sync: options.sync,
      unsynced: this.#unsynced,
      sums: this.#sums,
      report: options.report,
      damaged: (error) => this.#quarantine(error),
      syncFailed: (error) => this.#stopOnce(error),
      closed: (log) => this.#logs.remove(log),
    };
  }

  /** Every room there is, those that are not open too. `foreign` is told of folders that are none, else the console. */
  async *roomNames(foreign?: (folder: string, reason: string) => void): AsyncGenerator<RoomInfo> {
    const report = this.#options.report;
    const notARoom = foreign ?? ((folder, reason) => report({ kind: 'not-a-room', folder, reason }));
    for await (const room of listRooms(this.path, notARoom, this.#fs)) {
      const damaged = room.damaged || this.#damaged.has(room.name);
      const log = this.#logs.get(room.name);
      yield log === undefined || damaged
        ? { ...room, damaged }
        : { ...room, bytes: log.durableEnd, lastSeq: log.lastSeq };
    }
  }

  has(room: string): boolean {
    return existsSync(roomMetaPath(this.#folder(room)));
  }

  /** Milliseconds since the oldest line was appended that is not synced; 0 where all are, and with `off`. */
  get oldestUnsynced(): number {
    return this.#unsynced.oldestAge;
  }

  /** What is in it are copies of the rooms of a cluster from here on: it is opened with `copies` alone. */
  async markCopies(): Promise<void> {
    if (hasCopies(this.path)) return;
    await this.keptFile(COPIES_MARK, () => Buffer.from(COPIES_TEXT)).save();
  }

  /** The folder of a room, for what is kept beside its log. */
  folderOf(room: string): string {
    return this.#folder(room);
  }

  /** What a room is that may be open or not; undefined where there is none. Throws ForeignRoomError. */
  metaOf(room: string): RoomMeta | undefined {
    return readRoomMeta(this.#fs, this.#folder(room), folderName(room));
  }

  /** Opens a room that exists. Rejects with DamagedError, ForeignRoomError, and what the system says. */
  open(room: string, listener: RoomLogListener): Promise<RoomLog> {
    return this.#alone(room, () => {
      const damage = this.#damaged.get(room);
      if (damage !== undefined) throw damage;
      const folder = this.#folder(room);
      checkRoomFolder(folder);
      const meta = this.metaOf(room);
      if (meta === undefined) throw new Error(`There is no room ${JSON.stringify(room)}.`);
      return this.#openLog(meta, folder, listener);
    });
  }

  /** Makes a room that does not exist. */
  async create(room: string, made: NewRoom, listener: RoomLogListener): Promise<RoomLog> {
    // Before anything waits: of many that are made at once none may be too many.
    this.usage.created(room);
    try {
      return await this.#make(room, made, listener);
    } catch (error) {
      this.countRooms();
      throw error;
    }
  }

  #make(room: string, made: NewRoom, listener: RoomLogListener): Promise<RoomLog> {
    return this.#alone(room, async () => {
      const folder = this.#folder(room);
      if (existsSync(roomMetaPath(folder))) throw new Error(`The room ${JSON.stringify(room)} already exists.`);
      // Without its room.json nobody can say whether it had a password.
      if (existsSync(logPath(folder))) throw new ForeignRoomError(`${folder} holds a log but no room.json.`);
      this.#damaged.delete(room);
      const meta = newRoomMeta(room, made);
      this.#fs.makeDirectory(folder);
      checkRoomFolder(folder);
      await writeRoomMeta(this.#disk, folder, meta);
      await syncFolderInBackground(this.#disk, folder);
      // The folder itself is synced once more with the mark, before anybody sees a line.
      if (this.#options.sync !== 'off') await syncFolderInBackground(this.#disk, roomsPath(this.path));
      return this.#openLog(meta, folder, listener);
    });
  }

  /** Counts in the background what `usage` tells. */
  countRooms(): void {
    this.usage.count().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.report({ kind: 'not-counted', reason });
    });
  }

  /** What is left of the disk. Rejects with the system's error. */
  space(): Promise<DiskSpace> {
    return this.#fs.spaceInBackground(this.path);
  }

  /** Deletes a room that is not open, with all its lines. */
  async deleteRoom(room: string): Promise<void> {
    await this.#logs.settled(room);
    if (this.#logs.get(room) !== undefined) throw new Error(`The room ${JSON.stringify(room)} is open.`);
    const trash = trashPath(this.path);
    // Stays: another room may be on its way there.
    this.#fs.makeDirectory(trash);
    const gone = join(trash, randomUUID());
    // Renamed first, so that a crash leaves the room whole or gone.
    await this.#fs.renameInBackground(this.#folder(room), gone);
    this.#damaged.delete(room);
    this.countRooms();
    await syncFolderInBackground(this.#disk, roomsPath(this.path));
    await rm(gone, { recursive: true, force: true });
  }

  /** What the file of this name in the data directory holds, at most `most` bytes of it; undefined where there is none. */
  readFile(name: string, most: number): Buffer | undefined {
    return readSmallFile(this.#fs, join(this.path, name), most);
  }

  /** A file of the data directory that is replaced by `content` whenever it is saved. */
  keptFile(name: string, content: () => Uint8Array): KeptFile {
    const { syncFailed } = this.#keeper;
    const file = new KeptFile({ disk: this.#disk, path: join(this.path, name), content, syncFailed });
    this.#kept.push(file);
    return file;
  }

  /**
   * Closes what is open, syncs it and gives the lock back. Answers whether all was synced within `patience` milliseconds;
   * where it was not, the lines are the system's to write, and the marks stand.
   */
  close(patience = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#closed ??= this.#letGo(patience);
    return this.#closed;
  }

  async #letGo(patience: number): Promise<boolean> {
    this.#watch.close();
    try {
      const all = [this.usage.close(), this.#closeLogs(), ...this.#kept.map((file) => file.settled())];
      const inTime = await settledWithin(Promise.all(all), patience);
      if (!inTime) {
        this.#disk.syncs.abandon();
        this.#options.report({ kind: 'unsynced', logs: this.#logs.unsynced });
      }
      this.#unsynced.close();
      await this.#atClose();
      return inTime;
    } finally {
      await this.#lock.release();
    }
  }

  #folder(room: string): string {
    return join(roomsPath(this.path), folderName(room));
  }

  /** Two logs on one file would not know of each other's lines: one that closes is waited for. */
  async #alone<T>(room: string, work: () => Promise<T>): Promise<T> {
    if (this.#opening.has(room) || this.#logs.get(room) !== undefined) {
      throw new Error(`The room ${JSON.stringify(room)} is already open.`);
    }
    const opening = this.#logs.settled(room).then(work);
    this.#opening.set(room, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(room);
    }
  }

  /** Those that are being opened are closed as well. */
  async #closeLogs(): Promise<void> {
    await Promise.all([this.#logs.closeAll(), Promise.allSettled(this.#opening.values())]);
    await this.#logs.closeAll();
  }

  async #openLog(meta: RoomMeta, folder: string, listener: RoomLogListener): Promise<FileLog> {
    const { sync, report } = this.#options;
    const { syncFailed } = this.#keeper;
    try {
      finishRepair(this.#fs, folder);
      const opened = await openLog(folder, meta.name, {
        disk: this.#disk,
        sync,
        bootId: this.#bootId,
        report,
        syncFailed,
      });
      const access = new KeptAccess(this.#disk, folder, meta, syncFailed);
      const log = new FileLog(access, folder, opened, this.#keeper, listener);
      this.#logs.add(log);
      return log;
    } catch (error) {
      if (error instanceof DamagedError && listener.damaged === undefined) this.#quarantine(error);
      throw error;
    }
  }

  #quarantine(error: DamagedError): void {
    this.#damaged.set(error.room, error);
    const { room, offset, end } = error;
    if (error instanceof LogGoneError) this.#options.report({ kind: 'log-gone', room });
    else this.#options.report({ kind: 'damaged', room, offset, end });
  }

  #stopOnce(error: unknown): void {
    if (this.#syncFailed) return;
    this.#syncFailed = true;
    this.#options.fatal(error);
  }
}

/** Deleted rooms on their way out. */
export function trashPath(directory: string): string {
  return join(directory, 'deleted');
}
