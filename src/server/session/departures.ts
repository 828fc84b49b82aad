// The clients that have left lately: who is rude and goes at once can still be removed and banned. A bound on their
// number, not on the time: whoever reads the log a minute later is in time as well.

import type { ClientAddress } from '../addresses/address.ts';

export interface Departed {
  readonly id: string;
  readonly nick: string;
  readonly room: string;
  readonly address: ClientAddress;
}

/** Bound on memory: those who left first are forgotten. */
const MOST_DEPARTED = 2_000;

export class Departures {
  readonly #byId = new Map<string, Departed>();

  add(departed: Departed): void {
    this.#byId.set(departed.id, departed);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > MOST_DEPARTED && oldest !== undefined) this.#byId.delete(oldest);
  }

  /** It is back under this id. */
  comeBack(id: string): void {
    this.#byId.delete(id);
  }

  /** Those whose id begins so; one alone where that is its whole id. */
  byPrefix(prefix: string): Departed[] {
    const exact = this.#byId.get(prefix);
    if (exact !== undefined) return [exact];
    return [...this.#byId.values()].filter(({ id }) => id.startsWith(prefix));
  }
}
