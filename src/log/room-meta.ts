// room.json: what a room is besides its lines. Written when the room is made and whenever somebody is shut out of it, and
// read at each opening.
// Must never be written in place, and never be believed about a folder that is not the named room's.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ForeignRoomError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { type Disk, readSmallFile, replaceFileInBackground } from './files.ts';
import { folderName } from './folder-name.ts';
import { isRoomRules, type RoomRules } from './room-rules.ts';

/** The version of the room's folder and of the lines in it. */
export const ROOM_FORMAT = 1;

const EPOCH_BYTES = 16;

export type PasswordHash = {
  readonly algorithm: 'scrypt';
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Both in base64url. */
  readonly salt: string;
  readonly hash: string;
};

export type RoomMeta = {
  readonly format: typeof ROOM_FORMAT;
  readonly name: string;
  /** Random for each log: a log that was deleted and made again is another one. */
  readonly epoch: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly password?: PasswordHash;
  /** How often all resume keys were changed; without it, never. Keys of before do not fit. */
  readonly keys?: number;
  /** Ids of now whose keys do not count any more. */
  readonly revoked?: readonly string[];
  readonly rules?: RoomRules;
};

/** What a room is made with; the log adds the rest. */
export type NewRoom = {
  readonly created: number;
  readonly password?: PasswordHash | undefined;
  readonly epoch?: string;
};

function newEpoch(): string {
  return randomBytes(EPOCH_BYTES).toString('base64url');
}

/** With an epoch of its own, where it is not given: a copy has that of the room. */
export function newRoomMeta(name: string, { created, password, epoch = newEpoch() }: NewRoom): RoomMeta {
  return { format: ROOM_FORMAT, name, epoch, created, ...(password && { password }) };
}

export function roomMetaPath(folder: string): string {
  return join(folder, 'room.json');
}

export function writeRoomMeta(disk: Disk, folder: string, meta: RoomMeta): Promise<void> {
  return replaceFileInBackground(disk, roomMetaPath(folder), encodeRoomMeta(meta));
}

export function encodeRoomMeta(meta: RoomMeta): Buffer {
  return Buffer.from(`${JSON.stringify(meta, undefined, 2)}\n`);
}

/** What encodeRoomMeta has written; undefined for anything else. */
export function decodeRoomMeta(content: Uint8Array): RoomMeta | undefined {
  return parse(Buffer.from(content).toString());
}

/** The room of this folder, or undefined where there is none. Throws ForeignRoomError. */
export function readRoomMeta(fs: FileSystem, folder: string, encodedName: string): RoomMeta | undefined {
  const path = roomMetaPath(folder);
  const content = readSmallFile(fs, path);
  if (content === undefined) return undefined;
  const meta = parse(content.toString());
  if (meta === undefined) throw new ForeignRoomError(`${path} is not a room of this version of roomchat.`);
  if (!isFolderOf(meta.name, encodedName)) {
    throw new ForeignRoomError(`${path} names the room ${JSON.stringify(meta.name)}, which belongs in another folder.`);
  }
  return meta;
}

function isFolderOf(room: string, encodedName: string): boolean {
  try {
    return folderName(room) === encodedName;
  } catch {
    return false;
  }
}

function parse(text: string): RoomMeta | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { format, name, epoch, created, password, keys, revoked, rules } = value;
  if (format !== ROOM_FORMAT || typeof name !== 'string') return undefined;
  if (typeof epoch !== 'string' || typeof created !== 'number') return undefined;
  // A password that cannot be read must never turn into an open room, nor let anybody back who was shut out.
  if (password !== undefined && !isPasswordHash(password)) return undefined;
  if (keys !== undefined && !isCount(keys)) return undefined;
  if (revoked !== undefined && !isListOfStrings(revoked)) return undefined;
  if (rules !== undefined && !isRoomRules(rules)) return undefined;
  return {
    format,
    name,
    epoch,
    created,
    ...(password && { password }),
    ...(keys && { keys }),
    ...(revoked && { revoked }),
    ...(rules && { rules }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isListOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isPasswordHash(value: unknown): value is PasswordHash {
  if (!isRecord(value)) return false;
  const { algorithm, N, r, p, salt, hash } = value;
  if (algorithm !== 'scrypt') return false;
  const numbers = [N, r, p];
  const strings = [salt, hash];
  return numbers.every((n) => Number.isSafeInteger(n)) && strings.every((s) => typeof s === 'string' && s !== '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
