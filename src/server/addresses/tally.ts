// How many of something each address has, and each network that it lies in. Keeps only who has any.

import type { ClientAddress } from './address.ts';

export class Tally {
  readonly #counts = new Map<string, number>();

  add({ scopes }: ClientAddress, change: 1 | -1): void {
    for (const { key } of scopes) {
      const count = (this.#counts.get(key) ?? 0) + change;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }

  /** Whether the address has `limit` of them already, or a network of it as many times that as its share is. */
  has(limit: number, { scopes }: ClientAddress): boolean {
    for (const { key, share } of scopes) {
      if ((this.#counts.get(key) ?? 0) >= limit * share) return true;
    }
    return false;
  }
}
