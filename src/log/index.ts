// What the server may use of the log. Must never export what only the log itself needs.
export { crc32 } from './crc32.ts';
export type { DataDirectory, DataDirectoryOptions } from './data-directory.ts';
export type { DiskUsage } from './disk-usage.ts';
export {
  AppendError,
  DamagedError,
  DataDirectoryError,
  type DataDirectoryErrorCode,
  DataDirectoryInUse,
  ForeignRoomError,
  FullError,
  ImportError,
  lacksDescriptor,
  OvertakenError,
  UncertainAppendError,
  UnservableError,
} from './errors.ts';
export { type DiskSpace, type FileStatus, type FileSystem, nodeFileSystem } from './file-system.ts';
export type { KeptFile } from './kept-file.ts';
export type { Attempt, Batch, Ledger, LedgerOwner, NewLine } from './ledger.ts';
export type { RoomInfo } from './list-rooms.ts';
export { ephemeralDataDirectory, openDataDirectory } from './open-directory.ts';
export type { SyncMode } from './open-log.ts';
export { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';
export type { Hole, LineForMissing, Repaired, RepairPlan } from './repair.ts';
export type { LogEvent, Report } from './report.ts';
export type { Imported, RoomImporting } from './room-import.ts';
export type { Cursor, ReadableLog, RoomAccess, RoomLog, RoomLogListener } from './room-log.ts';
export {
  decodeRoomMeta,
  encodeRoomMeta,
  type NewRoom,
  newRoomMeta,
  type PasswordHash,
  type RoomMeta,
} from './room-meta.ts';
export type { Mute, RoomRules } from './room-rules.ts';
export type { KnownRoom, OpenedRoom, RoomStore } from './room-store.ts';
export { type Problem, type Verified, verifyRoom } from './verify.ts';
