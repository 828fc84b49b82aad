// A file that is replaced whole whenever what it keeps has changed: in the background, one replacement after the other.
// Must never write what was true when it was asked to, only what is true when its turn comes.
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';
import { type Disk, replaceFileInBackground, syncFolderInBackground } from './files.ts';

export type KeptFileOptions = {
  readonly disk: Disk;
  readonly path: string;
  /** What the file is to hold, now. */
  readonly content: () => Uint8Array;
  readonly syncFailed: (error: unknown) => void;
};

export class KeptFile {
  readonly #options: KeptFileOptions;
  /** The last replacement that was asked for; never rejects. */
  #last: Promise<void> = Promise.resolve();
  /** One that has not begun yet: it will hold what changes until then. */
  #waiting: Promise<void> | undefined;

  constructor(options: KeptFileOptions) {
    this.#options = options;
  }

  /** Resolves once what is to be kept now is durable. Rejects with the system's error where it is not. */
  save(): Promise<void> {
    this.#waiting ??= this.#replaceAfter(this.#last);
    return this.#waiting;
  }

  /** Resolves when nothing is being written any more. */
  settled(): Promise<void> {
    return this.#last;
  }

  #replaceAfter(before: Promise<void>): Promise<void> {
    const { disk, path, content, syncFailed } = this.#options;
    const replaced = before.then(async () => {
      this.#waiting = undefined;
      await replaceFileInBackground(disk, path, content());
      try {
        await syncFolderInBackground(disk, dirname(path));
      } catch (error) {
        // Nobody can say now which of the two the disk has.
        if (systemCode(error) === 'EIO') syncFailed(error);
        throw error;
      }
    });
    this.#last = replaced.catch(() => {});
    return replaced;
  }
}
