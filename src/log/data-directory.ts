// The data directory: its lock, the secret and the token, and the rooms in it.
// Must never be held by two servers, nor keep anything in memory of a room that is closed, but that it is damaged.
import { randomBytes, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bootId } from './boot-id.ts';
import { DiskUsage } from './disk-usage.ts';
import { DamagedError, explain, ForeignRoomError } from './errors.ts';
import { FileLog, type LogKeeper } from './file-log.ts';
import { type DiskSpace, type FileSystem, nodeFileSystem } from './file-system.ts';
import { readSmallFile, syncFolder, syncFolderInBackground } from './files.ts';
import { folderName } from './folder-name.ts';
import { IntervalSync } from './interval-sync.ts';
import { KeptAccess } from './kept-access.ts';
import { KeptFile } from './kept-file.ts';
import { listRooms, type RoomInfo, roomsPath } from './list-rooms.ts';
import { type Lock, takeLock } from './lock.ts';
import { logPath, openLog, type SyncMode } from './open-log.ts';
import { OpenLogs } from './open-logs.ts';
import { adminTokenOf, secretOf } from './private-file.ts';
import type { Report } from './report.ts';
import type { RoomLog, RoomLogListener } from './room-log.ts';
import { type NewRoom, ROOM_FORMAT, type RoomMeta, readRoomMeta, roomMetaPath, writeRoomMeta } from './room-meta.ts';
import { checkRoomFolder, trustedDataDirectory } from './trusted-folder.ts';
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
export async function openDataDirectory(path: string, options: DataDirectoryOptions): Promise<DataDirectory> {
  const directory = resolve(path);
  let real: string;
  try {
    makeFolder(options.fs ?? nodeFileSystem, directory);
    real = trustedDataDirectory(directory);
  } catch (error) {
    throw explain(directory, error);
  }
  return openAt(real, options, async () => {});
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
  readonly usage: DiskUsage;
  readonly #fs: FileSystem;
  readonly #options: DataDirectoryOptions;
  readonly #bootId: string;
  readonly #lock: Lock;
  readonly #atClose: () => Promise<void>;
  readonly #interval = new IntervalSync();
  readonly #logs = new OpenLogs();
  readonly #kept: KeptFile[] = [];
  readonly #keeper: LogKeeper;
  readonly #damaged = new Map<string, DamagedError>();
  #syncFailed = false;

  /** To be made by `openDataDirectory`, which holds the lock. */
  constructor(path: string, fs: FileSystem, options: DataDirectoryOptions, lock: Lock, atClose: () => Promise<void>) {
    this.path = path;
    this.#fs = fs;
    this.#options = options;
    this.#bootId = options.bootId ?? bootId();
    this.#lock = lock;
    this.#atClose = atClose;
    this.secret = secretOf(fs, path);
    this.adminToken = adminTokenOf(fs, path);
    this.usage = new DiskUsage(path);
    this.#keeper = {
      fs,
      sync: options.sync,
      interval: this.#interval,
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

  /** Opens a room that exists. Throws DamagedError, ForeignRoomError, and what the system says. */
  open(room: string, listener: RoomLogListener): RoomLog {
    const damage = this.#damaged.get(room);
    if (damage !== undefined) throw damage;
    if (this.#logs.get(room) !== undefined) throw new Error(`The room ${JSON.stringify(room)} is open already.`);
    const folder = this.#folder(room);
    checkRoomFolder(folder);
    const meta = readRoomMeta(this.#fs, folder, folderName(room));
    if (meta === undefined) throw new Error(`There is no room ${JSON.stringify(room)}.`);
    return this.#openLog(meta, folder, listener);
  }

  /** Makes a room that does not exist. */
  create(room: string, made: NewRoom, listener: RoomLogListener): RoomLog {
    const folder = this.#folder(room);
    if (existsSync(roomMetaPath(folder))) throw new Error(`The room ${JSON.stringify(room)} exists already.`);
    // Without its room.json nobody can say whether it had a password.
    if (existsSync(logPath(folder))) throw new ForeignRoomError(`${folder} holds a log but no room.json.`);
    const epoch = randomBytes(EPOCH_BYTES).toString('base64url');
    const { created, password } = made;
    const meta: RoomMeta = { format: ROOM_FORMAT, name: room, epoch, created, ...(password && { password }) };
    this.#fs.makeDirectory(folder);
    checkRoomFolder(folder);
    writeRoomMeta(this.#fs, folder, meta);
    syncFolder(this.#fs, folder);
    this.usage.created(room);
    const log = this.#openLog(meta, folder, listener);
    // The folder itself is synced once more with the mark, before the first line.
    if (this.#options.sync !== 'off') syncFolder(this.#fs, roomsPath(this.path));
    return log;
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

  /** Checks the whole log of a room, up to where it ends now. */
  verify(room: string, onProblem: (problem: Problem) => void): Promise<Verified> {
    return verifyRoom(this.path, room, onProblem);
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
    await syncFolderInBackground(this.#fs, roomsPath(this.path), this.#keeper.syncFailed);
    await rm(gone, { recursive: true, force: true });
  }

  /** What the file of this name in the data directory holds, at most `most` bytes of it; undefined where there is none. */
  readFile(name: string, most: number): Buffer | undefined {
    return readSmallFile(this.#fs, join(this.path, name), most);
  }

  /** A file of the data directory that is replaced by `content` whenever it is saved. */
  keptFile(name: string, content: () => Uint8Array): KeptFile {
    const { syncFailed } = this.#keeper;
    const file = new KeptFile({ fs: this.#fs, path: join(this.path, name), content, syncFailed });
    this.#kept.push(file);
    return file;
  }

  /** Closes what is open, syncs it and gives the lock back. */
  async close(): Promise<void> {
    try {
      await Promise.all([this.usage.close(), this.#logs.closeAll(), ...this.#kept.map((file) => file.settled())]);
      await this.#interval.close();
      await this.#atClose();
    } finally {
      await this.#lock.release();
    }
  }

  #folder(room: string): string {
    return join(roomsPath(this.path), folderName(room));
  }

  #openLog(meta: RoomMeta, folder: string, listener: RoomLogListener): FileLog {
    const { sync, report } = this.#options;
    const { syncFailed } = this.#keeper;
    try {
      const opened = openLog(folder, meta.name, { fs: this.#fs, sync, bootId: this.#bootId, report, syncFailed });
      const access = new KeptAccess(this.#fs, folder, meta, syncFailed);
      const log = new FileLog(access, folder, opened, this.#keeper, listener);
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
