// What can go wrong with a room's log or the data directory, each with a sentence for the person who runs the server.
// Must never carry a message's text, the token or the secret.

/** A data directory that cannot be used. `message` is a whole sentence for the person who started the server. */
export class DataDirectoryError extends Error {
  override readonly name: string = 'DataDirectoryError';
  readonly code: DataDirectoryErrorCode;

  constructor(code: DataDirectoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type DataDirectoryErrorCode =
  | 'in_use'
  | 'not_writable'
  | 'read_only'
  | 'not_a_directory'
  | 'path_too_long'
  | 'no_space'
  | 'unsafe_file'
  | 'unsafe_folder'
  /** It was there, and the server has to stop. */
  | 'gone'
  /** Its rooms are those of a cluster. */
  | 'copies'
  | 'failed';

/** Another server holds this data directory. */
export class DataDirectoryInUse extends DataDirectoryError {
  override readonly name = 'DataDirectoryInUse';

  constructor(path: string) {
    super('in_use', `Another roomchat server is using the data directory ${path}.`);
  }
}

/** A room's folder that is not a room of this version, or that others may change: its log is left alone. */
export class ForeignRoomError extends Error {
  override readonly name = 'ForeignRoomError';
}

/** Lines that no room can be made of. `message` is a sentence for whoever gave them. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** A batch that could not be appended. Nothing of it is in the log. */
export class AppendError extends Error {
  override readonly name: string = 'AppendError';
}

/** There is no room for the batch where the lines are kept; whoever keeps them has said so on the console. */
export class FullError extends AppendError {
  override readonly name = 'FullError';
}

/**
 * A batch that could not be appended, and not be cut off either: it may be in the log after all. Only what the log holds
 * when it is opened again can tell.
 */
export class UncertainAppendError extends AppendError {
  override readonly name: string = 'UncertainAppendError';
}

/** A room that another server can serve, and this one cannot now. `message` is a sentence for whoever wanted it. */
export class UnservableError extends Error {
  override readonly name = 'UnservableError';
}

/** A client has come back with a later attempt than the one that asked. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** Whether an append failed because the process or the system has no descriptor left, which passes. */
export function lacksDescriptor({ cause }: AppendError): boolean {
  const code = systemCode(cause);
  return code === 'EMFILE' || code === 'ENFILE';
}

/**
 * Bytes in the middle of a log that no server wrote. `offset` is where the bad line begins, or the block of lines whose sum
 * is wrong and which ends at `end`. In bytes.
 */
export class DamagedError extends Error {
  override readonly name: string = 'DamagedError';
  readonly room: string;
  readonly offset: number;
  readonly end: number | undefined;

  constructor(room: string, offset: number, end?: number) {
    const where = end === undefined ? `at byte ${offset}` : `between bytes ${offset} and ${end}`;
    super(`The log of room ${JSON.stringify(room)} is damaged ${where}.`);
    this.room = room;
    this.offset = offset;
    this.end = end;
  }
}

/** The log's file is not in its place any more: whatever were appended to it, nobody would find it again. */
export class LogGoneError extends DamagedError {
  override readonly name = 'LogGoneError';

  constructor(room: string) {
    super(room, 0);
    this.message = `The log of room ${JSON.stringify(room)} was removed or replaced.`;
  }
}

/** The `code` of a failed system call, or undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the disk, or this user's share of it, is full: that passes. */
export function isOutOfSpace(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** A sentence for a system call that failed on the data directory's own files. */
export function explain(path: string, error: unknown): DataDirectoryError {
  if (error instanceof DataDirectoryError) return error;
  const options = { cause: error };
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return new DataDirectoryError(
        'not_writable',
        `The data directory ${path} is not writable by this user.`,
        options,
      );
    case 'EROFS':
      return new DataDirectoryError('read_only', `The data directory ${path} is on a read-only file system.`, options);
    case 'ENOTDIR':
    case 'EEXIST':
      return new DataDirectoryError('not_a_directory', `The data directory ${path} is not a directory.`, options);
    // The folder above exists, and still none can be made in it: so it is in /proc.
    case 'ENOENT':
      return new DataDirectoryError('not_writable', `No data directory can be created at ${path}.`, options);
    case 'ENAMETOOLONG':
      return new DataDirectoryError('path_too_long', `The path of the data directory is too long: ${path}`, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new DataDirectoryError('no_space', `There is no space left for the data directory ${path}.`, options);
    default: {
      const why = error instanceof Error ? error.message : String(error);
      return new DataDirectoryError('failed', `The data directory ${path} cannot be used: ${why}`, options);
    }
  }
}
