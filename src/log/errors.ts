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

/** A batch that could not be appended. Nothing of it is in the log. */
export class AppendError extends Error {
  override readonly name = 'AppendError';
}

/** Whether an append failed because the process or the system has no descriptor left, which passes. */
export function lacksDescriptor({ cause }: AppendError): boolean {
  const code = systemCode(cause);
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Bytes in the middle of a log that no server wrote. `offset` is where the bad line begins, in bytes. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
  readonly room: string;
  readonly offset: number;

  constructor(room: string, offset: number) {
    super(`The log of room ${JSON.stringify(room)} is damaged at byte ${offset}.`);
    this.room = room;
    this.offset = offset;
  }
}

/** The `code` of a failed system call, or undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
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
      return new DataDirectoryError('not_writable', `No data directory can be made at ${path}.`, options);
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
