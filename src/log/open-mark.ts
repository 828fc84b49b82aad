// The file `open` beside a log: it stands while lines may be unsynced, and says in which run of the machine.
// Must never be removed while a number that somebody saw could be missing from the log on disk.
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { type FileSystem, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } from './file-system.ts';
import { readSmallFile, removeIfThere, replaceFile, syncFolder, writeAll } from './files.ts';

/** More lines than a server writes between two syncs. */
const SKIP = 2 ** 20;

export type MarkFound = {
  /** Where the sequence goes on. */
  readonly lastSeq: number;
  /** Where it would have gone on, if numbers were skipped. */
  readonly skippedFrom: number | undefined;
  /** Whether the log had been closed, and so synced. */
  readonly clean: boolean;
};

export class OpenMark {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #path: string;
  readonly #bootId: string;
  /** The seq that was given out by skipping, which the log on disk does not show until a line follows it. */
  #floor = 0;
  #durable = false;

  constructor(fs: FileSystem, folder: string, bootId: string) {
    this.#fs = fs;
    this.#folder = folder;
    this.#path = join(folder, 'open');
    this.#bootId = bootId;
  }

  /** Sets the mark, given the last seq in the log. */
  set(lastLine: number): MarkFound {
    const found = readSmallFile(this.#fs, this.#path)?.toString().split('\n');
    const floor = Number(found?.[1] ?? 0);
    const reached = Math.max(lastLine, Number.isSafeInteger(floor) ? floor : 0);
    if (found === undefined) {
      this.#ifThereIsSpace(() => this.#write());
      return { lastSeq: lastLine, skippedFrom: undefined, clean: true };
    }
    if (found[0] === this.#bootId) {
      this.#floor = reached;
      return { lastSeq: reached, skippedFrom: undefined, clean: false };
    }
    this.#floor = reached + SKIP;
    // The old mark gives way only to one that is durable: a second power loss must find one of them.
    this.#ifThereIsSpace(() => this.makeDurable());
    return { lastSeq: this.#floor, skippedFrom: reached, clean: false };
  }

  /** Before the first line that could be seen and lost: from here on a power loss finds the mark. */
  makeDurable(): void {
    if (this.#durable) return;
    // A new file each time: after a failed sync the same one could claim to be synced.
    replaceFile(this.#fs, this.#path, this.#content());
    syncFolder(this.#fs, this.#folder);
    this.#durable = true;
  }

  /** Takes the mark away, once every line is synced; it stays while it alone remembers that numbers were skipped. */
  clear(lastLine: number): void {
    if (lastLine >= this.#floor) removeIfThere(this.#fs, this.#path);
  }

  #write(): void {
    const fd = this.#fs.open(this.#path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeAll(this.#fs, fd, this.#content());
    } catch (error) {
      // Half a mark would look like one of another boot.
      this.#fs.remove(this.#path);
      throw error;
    } finally {
      this.#fs.close(fd);
    }
  }

  /** A room on a full disk can still be read; the mark is made again before its next line. */
  #ifThereIsSpace(work: () => void): void {
    try {
      work();
    } catch (error) {
      const code = systemCode(error);
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    }
  }

  #content(): Buffer {
    return Buffer.from(`${this.#bootId}\n${this.#floor}\n`);
  }
}
