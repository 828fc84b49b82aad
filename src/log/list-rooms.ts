// What rooms there are on disk, for `admin rooms`. Must never write, repair or keep anything open.
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedError, ForeignRoomError, systemCode } from './errors.ts';
import { type FileSystem, nodeFileSystem, O_NOFOLLOW, O_RDONLY } from './file-system.ts';
import { logPath } from './open-log.ts';
import { type RoomMeta, readRoomMeta } from './room-meta.ts';
import type { RoomRules } from './room-rules.ts';
import { findTail } from './tail.ts';

export type RoomInfo = {
  readonly name: string;
  /** The bytes of its whole lines. */
  readonly bytes: number;
  readonly lastSeq: number;
  /** Whether it has a password. */
  readonly protected: boolean;
  readonly rules: RoomRules | undefined;
  /** Whether the end of its log is damaged; bytes and seq are then 0. */
  readonly damaged: boolean;
};

export function roomsPath(directory: string): string {
  return join(directory, 'rooms');
}

/** Every room of a data directory, one after the other, whether a server runs on it or not. */
export async function* listRooms(
  directory: string,
  notARoom: (folder: string, reason: string) => void,
  fs: FileSystem = nodeFileSystem,
): AsyncGenerator<RoomInfo> {
  const parent = roomsPath(directory);
  for await (const { name: encodedName } of await opendir(parent)) {
    const folder = join(parent, encodedName);
    try {
      const meta = readRoomMeta(fs, folder, encodedName);
      if (meta !== undefined) yield roomInfo(fs, folder, meta);
    } catch (error) {
      if (!(error instanceof ForeignRoomError) && systemCode(error) === undefined) throw error;
      notARoom(folder, error instanceof Error ? error.message : String(error));
    }
  }
}

function roomInfo(fs: FileSystem, folder: string, meta: RoomMeta): RoomInfo {
  const room = { name: meta.name, protected: meta.password !== undefined, rules: meta.rules };
  let fd: number;
  try {
    fd = fs.open(logPath(folder), O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { ...room, bytes: 0, lastSeq: 0, damaged: false };
    throw error;
  }
  try {
    const { end, lastSeq } = findTail(fs, fd, fs.status(fd).size, meta.name);
    return { ...room, bytes: end, lastSeq, damaged: false };
  } catch (error) {
    if (error instanceof DamagedError) return { ...room, bytes: 0, lastSeq: 0, damaged: true };
    throw error;
  } finally {
    fs.close(fd);
  }
}
