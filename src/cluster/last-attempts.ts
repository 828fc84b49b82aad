// The latest attempt of each client whose fence was seen in a room: what comes in later under an earlier one is refused, at
// whatever node it was sent.

import type { Attempt } from '../log/index.ts';

/** Of so many clients, those that came back last. */
const MOST = 10_000;

export class LastAttempts {
  readonly #attempts = new Map<string, number>();

  see({ id, attempt }: Attempt): void {
    if (this.isEarlier({ id, attempt })) return;
    this.#attempts.delete(id);
    this.#attempts.set(id, attempt);
    if (this.#attempts.size <= MOST) return;
    for (const [oldest] of this.#attempts) {
      this.#attempts.delete(oldest);
      return;
    }
  }

  /** Whether the client has come back since. */
  isEarlier({ id, attempt }: Attempt): boolean {
    return (this.#attempts.get(id) ?? 0) > attempt;
  }
}
