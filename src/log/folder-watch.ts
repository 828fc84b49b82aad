// Looks once a second whether what a server writes to is still where it was: the data directory, the lock, and each log that
// has taken lines since. Must never wait for the disk on the event loop, nor take a disk that fails for one that is gone.
import { stat } from 'node:fs/promises';
import { DataDirectoryError, systemCode } from './errors.ts';
import type { FileStatus } from './file-system.ts';
import type { Lock } from './lock.ts';

const EVERY_MS = 1000;

/** Which file or folder it is, whatever name it has. */
export type FileId = Pick<FileStatus, 'dev' | 'ino'>;

export interface WatchedLog {
  /** Looks whether its file is in its place, where lines were appended since the last time. Never rejects. */
  lookAfterFile(): Promise<void>;
}

export type FolderWatchOptions = {
  readonly path: string;
  readonly id: FileId;
  readonly lock: Lock;
  logs(): Iterable<WatchedLog>;
  /** The directory is not the server's any more; told once. */
  gone(error: DataDirectoryError): void;
  bug(error: unknown): void;
};

export class FolderWatch {
  readonly #options: FolderWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#schedule();
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#look().catch(this.#options.bug), EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    const { path, id, lock, logs, gone } = this.#options;
    const isThere = (await isInPlace(path, id)) && (await lock.isHeld());
    if (this.#isOver) return;
    if (!isThere) {
      this.close();
      const message = `The data directory ${path} was removed or replaced.`;
      gone(new DataDirectoryError('gone', message));
      return;
    }
    // One after the other: a server may have thousands of them.
    for (const log of logs()) await log.lookAfterFile();
    if (!this.#isOver) this.#schedule();
  }
}

/** Whether the path is still that file or folder. Also true where that cannot be found out. */
export async function isInPlace(path: string, { dev, ino }: FileId): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.dev === dev && found.ino === ino;
  } catch (error) {
    const code = systemCode(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
