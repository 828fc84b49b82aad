// Streams that have no room for more lines: said once on the console, and once more when all of them take lines again. Little
// may still fit where much does not: only a while without a refusal is an end of it.

const QUIET_MS = 10_000;

export class Fullness {
  /** When each has refused lines last: monotonic time. */
  readonly #refusedAt = new Map<string, number>();
  readonly #warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  refused(stream: string, reason: string): void {
    if (this.#refusedAt.size === 0) {
      this.#warn(`NATS has no room for more lines (${reason}): messages are refused until there is.`);
    }
    this.#refusedAt.set(stream, performance.now());
  }

  /** Lines were taken. */
  taken(stream: string): void {
    const refusedAt = this.#refusedAt.get(stream);
    if (refusedAt === undefined || performance.now() - refusedAt < QUIET_MS) return;
    this.#refusedAt.delete(stream);
    if (this.#refusedAt.size === 0) this.#warn('NATS takes lines again: messages are saved.');
  }
}
