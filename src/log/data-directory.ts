// The data directory: its lock, the secret and the token, and the rooms in it.
// Must never be held by two servers, nor keep anything in memory of a room that is closed, but that it is damaged.
import { randomBytes, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bootId } from './boot-id.ts';
import { DamagedError, explain, ForeignRoomError } from './errors.ts';
import { FileLog, type LogKeeper } from './file-log.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { type Disk, syncFolder, syncFolderInBackground } from './files.ts';
import { folderName } from './folder-name.ts';
import { listRooms, type RoomInfo, roomsPath } from './list-rooms.ts';
import { takeLock } from './lock.ts';
import type { Lock } from './lock-file.ts';
import { logPath, openLog, type SyncMode } from './open-log.ts';
import { OpenLogs } from './open-logs.ts';
import { adminTokenOf, secretOf } from './private-file.ts';
import type { Report } from './report.ts';
import type { RoomLog, RoomLogListener } from './room-log.ts';
import { type NewRoom, ROOM_FORMAT, type RoomMeta, readRoomMeta, roomMetaPath, writeRoomMeta } from './room-meta.ts';
import { SyncQueue } from './sync-queue.ts';
import { UnsyncedLogs } from './unsynced-logs.ts';
import { type Problem, type Verified, verifyRoom } from './verify.ts';

const EPOCH_BYTES = 16;

export type DataDirectoryOptions = {
  readonly sync: SyncMode;
  /** Told what the server's console should say. */
  readonly report: Report;
  /** Called once, when a file could not be synced: what was told may be lost, and the server has to stop. */
  readonly fatal: (error: unknown) => void;
  readonly fs?: FileSystem | undefined;
  readonly bootId?: string | undefined;
};

/** Opens the data directory, made where there is none. Throws DataDirectoryError, DataDirectoryInUse. */
export function openDataDirectory(path: string, options: DataDirectoryOptions): Promise<DataDirectory> {
  return openAt(resolve(path), options, async () => {});
}

/** A data directory that goes away when it is closed; nothing of it is ever synced. */
export async function ephemeralDataDirectory(options: Omit<DataDirectoryOptions, 'sync'>): Promise<DataDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'roomchat-'));
  const fs = { ...(options.fs ?? nodeFileSystem), sync: () => {}, syncInBackground: async () => {} };
  return openAt(path, { ...options, fs, sync: 'off' }, () => rm(path, { recursive: true, force: true }));
}

async function openAt(path: string, options: DataDirectoryOptions, atClose: () => Promise<void>) {
  const fs = options.fs ?? nodeFileSystem;
  let lock: Lock | undefined;
  try {
    makeFolder(fs, path);
    lock = await takeLock(path);
    accessSync(path, constants.W_OK);
    makeFolder(fs, roomsPath(path));
    await rm(trashPath(path), { recursive: true, force: true });
    return new DataDirectory(path, fs, options, lock, atClose);
  } catch (error) {
    await lock?.release();
    throw explain(path, error);
  }
}

export class DataDirectory {
  readonly path: string;
  readonly secret: Buffer;
  readonly adminToken: string;
  readonly #fs: FileSystem;
  readonly #disk: Disk;
  readonly #options: DataDirectoryOptions;
  readonly #bootId: string;
  readonly #lock: Lock;
  readonly #atClose: () => Promise<void>;
  readonly #unsynced = new UnsyncedLogs();
  readonly #logs = new OpenLogs();
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
    this.#keeper = {
      disk: this.#disk,
      sync: options.sync,
      unsynced: this.#unsynced,
      report: options.report,
      damaged: (error) => this.#quarantine(error),
      syncFailed: (error) => this.#stopOnce(error),
      closed: (log) => this.#logs.remove(log),
    };
  }

  /** Every room there is, those that are not open too. */
  async *roomNames(): AsyncGenerator<RoomInfo> {
    for await (const room of listRooms(this.path, this.#options.report, this.#fs)) {
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

  /** Opens a room that exists. Rejects with DamagedError, ForeignRoomError, and what the system says. */
  open(room: string, listener: RoomLogListener): Promise<RoomLog> {
    return this.#alone(room, () => {
      const damage = this.#damaged.get(room);
      if (damage !== undefined) throw damage;
      const folder = this.#folder(room);
      const meta = readRoomMeta(this.#fs, folder, folderName(room));
      if (meta === undefined) throw new Error(`There is no room ${JSON.stringify(room)}.`);
      return this.#openLog(meta, folder, listener);
    });
  }

  /** Makes a room that does not exist. */
  create(room: string, made: NewRoom, listener: RoomLogListener): Promise<RoomLog> {
    return this.#alone(room, async () => {
      const folder = this.#folder(room);
      if (existsSync(roomMetaPath(folder))) throw new Error(`The room ${JSON.stringify(room)} exists already.`);
      // Without its room.json nobody can say whether it had a password.
      if (existsSync(logPath(folder))) throw new ForeignRoomError(`${folder} holds a log but no room.json.`);
      const epoch = randomBytes(EPOCH_BYTES).toString('base64url');
      const { created, password } = made;
      const meta: RoomMeta = { format: ROOM_FORMAT, name: room, epoch, created, ...(password && { password }) };
      this.#fs.makeDirectory(folder);
      await writeRoomMeta(this.#disk, folder, meta);
      await syncFolderInBackground(this.#disk, folder);
      // The folder itself is synced once more with the mark, before anybody sees a line.
      if (this.#options.sync !== 'off') await syncFolderInBackground(this.#disk, roomsPath(this.path));
      return this.#openLog(meta, folder, listener);
    });
  }

  /** Checks the whole log of a room, up to where it ends now. */
  verify(room: string, onProblem: (problem: Problem) => void): Promise<Verified> {
    return verifyRoom(this.path, room, onProblem);
  }

  /** Deletes a room that is not open, with all its lines. */
  async deleteRoom(room: string): Promise<void> {
    await this.#logs.settled(room);
    if (this.#logs.get(room) !== undefined) throw new Error(`The room ${JSON.stringify(room)} is open.`);
    const trash = trashPath(this.path);
    this.#fs.makeDirectory(trash);
    // Renamed first, so that a crash leaves the room whole or gone.
    this.#fs.rename(this.#folder(room), join(trash, randomUUID()));
    await syncFolderInBackground(this.#disk, roomsPath(this.path));
    this.#damaged.delete(room);
    await rm(trash, { recursive: true, force: true });
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
    try {
      const inTime = await settledWithin(this.#closeLogs(), patience);
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
  async #alone(room: string, work: () => Promise<RoomLog>): Promise<RoomLog> {
    if (this.#opening.has(room) || this.#logs.get(room) !== undefined) {
      throw new Error(`The room ${JSON.stringify(room)} is open already.`);
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
      const opened = await openLog(folder, meta.name, {
        disk: this.#disk,
        sync,
        bootId: this.#bootId,
        report,
        syncFailed,
      });
      const log = new FileLog(meta, folder, opened, this.#keeper, listener);
      this.#logs.add(log);
      return log;
    } catch (error) {
      if (error instanceof DamagedError) this.#quarantine(error);
      throw error;
    }
  }

  #quarantine(error: DamagedError): void {
    this.#damaged.set(error.room, error);
    this.#options.report({ kind: 'damaged', room: error.room, offset: error.offset });
  }

  #stopOnce(error: unknown): void {
    if (this.#syncFailed) return;
    this.#syncFailed = true;
    this.#options.fatal(error);
  }
}

/** Whether it has settled within so many milliseconds. */
async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return work.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

/** Deleted rooms on their way out. */
function trashPath(directory: string): string {
  return join(directory, 'deleted');
}

/** Makes a folder and those above it, and makes their names durable. */
function makeFolder(fs: FileSystem, path: string): void {
  const first = fs.makeDirectory(path);
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = resolve(path); made !== top; made = dirname(made)) syncFolder(fs, dirname(made));
}
