// The file `open` beside a log: it stands while lines may be unsynced, and says in which run of the machine.
// Must never be removed while a number that somebody saw could be missing from the log on disk.
import { join } from 'node:path';
import { isOutOfSpace } from './errors.ts';
import { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } from './file-system.ts';
import {
  type Disk,
  readSmallFile,
  removeIfThere,
  replaceFileInBackground,
  syncFolderInBackground,
  writeAll,
} from './files.ts';
import { isLoss } from './sync-queue.ts';

/** More lines than a server writes between two syncs. */
const SKIP = 2 ** 20;

export type MarkFound = {
  /** Where the sequence goes on. */
  readonly lastSeq: number;
  /** Where it would have gone on, if numbers were skipped. */
  readonly skippedFrom: number | undefined;
  /** Whether the log had been closed, and so synced. */
  readonly clean: boolean;
  /** From this byte on, a sync of this run of the machine has failed: what is read may not be what is on the disk. */
  readonly doubtfulFrom: number | undefined;
};

export class OpenMark {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #path: string;
  readonly #bootId: string;
  /** The seq that was given out by skipping, which the log on disk does not show until a line follows it. */
  #floor = 0;
  #durable = false;

  constructor(disk: Disk, folder: string, bootId: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#path = join(folder, 'open');
    this.#bootId = bootId;
  }

  /** Whether a power loss finds it from here on. */
  get isDurable(): boolean {
    return this.#durable;
  }

  /** Sets the mark, given the last seq in the log. Where it finds one, that one has to be secured next. */
  set(lastLine: number): MarkFound {
    const found = readSmallFile(this.#disk.fs, this.#path)?.toString().split('\n');
    if (found === undefined) {
      this.#writeIfThereIsSpace();
      return { lastSeq: lastLine, skippedFrom: undefined, clean: true, doubtfulFrom: undefined };
    }
    const floor = Number(found[1]);
    const reached = Math.max(lastLine, Number.isSafeInteger(floor) ? floor : 0);
    if (found[0] === this.#bootId) {
      this.#floor = reached;
      const from = Number(found[2] || Number.NaN);
      const doubtfulFrom = Number.isSafeInteger(from) ? from : undefined;
      return { lastSeq: reached, skippedFrom: undefined, clean: false, doubtfulFrom };
    }
    this.#floor = reached + SKIP;
    return { lastSeq: this.#floor, skippedFrom: reached, clean: false, doubtfulFrom: undefined };
  }

  /**
   * Makes a mark durable that `set` has found: before that nobody may see what the log holds. The old mark gives way only
   * to one that is durable, as a second power loss must find one of them.
   */
  async secure({ skippedFrom }: MarkFound): Promise<void> {
    try {
      await this.makeDurable();
    } catch (error) {
      if (isLoss(error)) throw error;
      if (skippedFrom === undefined) {
        // The one that stands says the same, and needs no space.
        await this.#disk.syncs.syncAt(this.#path);
        await syncFolderInBackground(this.#disk, this.#folder);
        this.#durable = true;
      } else if (!isOutOfSpace(error)) throw error;
    }
  }

  /**
   * Makes it durable in the background: before the first line that could be seen and lost. Throws at once where it cannot
   * be written; rejects where it cannot be synced or put in place.
   */
  makeDurable(): Promise<void> {
    // A new file each time: after a failed sync the same one could claim to be synced.
    const inPlace = replaceFileInBackground(this.#disk, this.#path, this.#content());
    return this.#thenItsName(inPlace);
  }

  async #thenItsName(inPlace: Promise<void>): Promise<void> {
    await inPlace;
    await syncFolderInBackground(this.#disk, this.#folder);
    this.#durable = true;
  }

  /**
   * Remembers that the log could not be synced from this byte on, for the next server in this run of the machine. Not
   * synced: a power loss takes with it what the memory holds and the disk does not. Throws.
   */
  noteDoubt(from: number): void {
    const fd = this.#disk.fs.open(this.#path, O_WRONLY | O_APPEND | O_NOFOLLOW);
    try {
      writeAll(this.#disk.fs, fd, Buffer.from(`${from}\n`));
    } finally {
      this.#disk.fs.close(fd);
    }
  }

  /** Takes the mark away, once every line is synced; it stays while it alone remembers that numbers were skipped. */
  clear(lastLine: number): void {
    if (lastLine >= this.#floor) removeIfThere(this.#disk.fs, this.#path);
  }

  /** A room on a full disk can still be read; the mark is made again before its next line. */
  #writeIfThereIsSpace(): void {
    try {
      this.#write();
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
    }
  }

  #write(): void {
    const { fs } = this.#disk;
    const fd = fs.open(this.#path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeAll(fs, fd, this.#content());
    } catch (error) {
      // Half a mark would look like one of another boot.
      fs.remove(this.#path);
      throw error;
    } finally {
      fs.close(fd);
    }
  }

  #content(): Buffer {
    return Buffer.from(`${this.#bootId}\n${this.#floor}\n`);
  }
}
