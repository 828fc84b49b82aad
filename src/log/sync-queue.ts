// Every background sync of a data directory, of whatever file, in one queue: they wait for the same disk, and each of
// them holds a thread of the pool while it does.
// Must never hold more than two threads, since reading and hashing wait for the same four; nor let one file overtake.
import { systemCode } from './errors.ts';
import { type FileSystem, O_NOFOLLOW, O_RDONLY } from './file-system.ts';

const AT_ONCE = 2;
const NEVER = new Promise<never>(() => {});

/** A sync that failed, and nothing else: what opening, writing or renaming says is not a reason to distrust the disk. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.code = systemCode(cause);
  }
}

/** Whether something is lost that was written, so that the server has to stop. */
export function isLoss(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'EIO';
}

export class SyncQueue {
  readonly #fs: FileSystem;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #abandoned = false;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /**
   * fsync(2), of the file or folder that is at `path` when its turn has come: until then it holds no descriptor, however many
   * wait. Rejects with SyncError, and with what opening says.
   */
  syncAt(path: string): Promise<void> {
    return this.#inTurn(async () => {
      const fd = this.#fs.open(path, O_RDONLY | O_NOFOLLOW);
      try {
        await ofSync(this.#fs.syncInBackground(fd));
      } finally {
        this.#fs.close(fd);
      }
    });
  }

  /** fsync(2); the descriptor must stay open until then. Rejects with SyncError. */
  sync(fd: number): Promise<void> {
    return this.#inTurn(() => ofSync(this.#fs.syncInBackground(fd)));
  }

  /**
   * fdatasync(2); the descriptor must stay open until then. `begins` is called when its turn has come: it covers what was
   * written until then. Rejects with SyncError.
   */
  syncData(fd: number, begins: () => void): Promise<void> {
    return this.#inTurn(() => {
      begins();
      return ofSync(this.#fs.syncDataInBackground(fd));
    });
  }

  /** Begins no other sync, and settles none: what waits for one must not go on, as the directory is let go of. */
  abandon(): void {
    this.#abandoned = true;
    this.#waiting.length = 0;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#abandoned) await NEVER;
    else if (this.#running < AT_ONCE) this.#running += 1;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      await work();
    } finally {
      // Whoever is next takes the place over, so that nobody who comes in between gets it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
      if (this.#abandoned) await NEVER;
    }
  }
}

async function ofSync(sync: Promise<void>): Promise<void> {
  try {
    await sync;
  } catch (error) {
    throw new SyncError(error);
  }
}
