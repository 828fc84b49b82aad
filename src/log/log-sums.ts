// An open log's sums as it grows: asks for more of them once enough is synced, and for those of the last lines at closing.
// Must never keep a log from being read, written or closed: one that cannot be summed is checked line by line.
import type { BackgroundSums, Summable } from './background-sums.ts';
import { DamagedError } from './errors.ts';
import { type ReadLog, type Sums, WORTH_SUMMING } from './sums.ts';

export type LogSumsOptions = {
  readonly sums: Sums;
  readonly queue: BackgroundSums;
  readonly read: ReadLog;
  damaged(error: DamagedError): void;
  failed(error: unknown): void;
};

export class LogSums implements Summable {
  readonly #options: LogSumsOptions;
  #syncedEnd = 0;
  #step: Promise<boolean> | undefined;
  #over = false;

  constructor(options: LogSumsOptions) {
    this.#options = options;
  }

  /** The log is synced up to here. */
  synced(end: number): void {
    this.#syncedEnd = end;
    if (end - this.#options.sums.end >= WORTH_SUMMING && !this.#over) this.#options.queue.add(this);
  }

  sumOnce(): Promise<boolean> {
    this.#step = this.#extend(false);
    return this.#step;
  }

  /** Sums the last lines, unless there is more to sum than a closing should take: that is for the next opening. */
  async close(): Promise<void> {
    this.#options.queue.remove(this);
    await this.#step;
    const left = this.#syncedEnd - this.#options.sums.end;
    if (left > 0 && left <= WORTH_SUMMING) await this.#extend(true);
    this.#over = true;
  }

  /** What is not summed by now never is: the log is damaged. */
  abandon(): void {
    this.#over = true;
    this.#options.queue.remove(this);
  }

  async #extend(closing: boolean): Promise<boolean> {
    if (this.#over) return false;
    const { sums, read, damaged, failed } = this.#options;
    try {
      return await sums.extend(read, this.#syncedEnd, closing);
    } catch (error) {
      this.#over = true;
      if (error instanceof DamagedError) damaged(error);
      else failed(error);
      return false;
    }
  }
}
