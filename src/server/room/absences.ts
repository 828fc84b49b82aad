// Members that were dropped and may be back: for 10 s they are announced neither as left nor, when they resume, as
// joined. Their nicks are not held meanwhile.

import type { Clock, Timer } from '../common/clock.ts';

export interface Absent {
  readonly id: string;
  readonly nick: string;
  readonly foldedNick: string;
}

export class Absences {
  /** In the order in which they end, as all wait equally long. */
  readonly #absent = new Map<string, Absent & { readonly until: number }>();
  /** By folded nick; two never have the same, as a newcomer ends the wait of whoever had it. */
  readonly #byNick = new Map<string, string>();
  #timer: Timer | undefined;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #gone: (absent: Absent) => void;

  /** `gone` is called for each who did not come back, for one whose nick a newcomer took, and for one given up. */
  constructor(clock: Clock, ms: number, gone: (absent: Absent) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#gone = gone;
  }

  get size(): number {
    return this.#absent.size;
  }

  add(absent: Absent): void {
    const { id, nick, foldedNick } = absent;
    this.#absent.set(id, { id, nick, foldedNick, until: this.#clock.monotonic() + this.#ms });
    this.#byNick.set(foldedNick, id);
    this.#wait();
  }

  /** Whether this id was still awaited; it is not any more. */
  comeBack(id: string): boolean {
    const absent = this.#absent.get(id);
    if (absent !== undefined) this.#forget(absent);
    return absent !== undefined;
  }

  /** A newcomer takes the nick at once, which ends the wait. */
  giveUpNick(foldedNick: string): void {
    this.giveUp(this.#byNick.get(foldedNick) ?? '');
  }

  /** Ends the wait for this id, if there is one. */
  giveUp(id: string): void {
    const absent = this.#absent.get(id);
    if (absent === undefined) return;
    this.#forget(absent);
    this.#gone(absent);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#absent.clear();
    this.#byNick.clear();
  }

  #forget({ id, foldedNick }: Absent): void {
    this.#absent.delete(id);
    if (this.#byNick.get(foldedNick) === id) this.#byNick.delete(foldedNick);
  }

  #wait(): void {
    const [first] = this.#absent.values();
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = this.#clock.after(Math.max(0, first.until - this.#clock.monotonic()), () => {
      this.#timer = undefined;
      const now = this.#clock.monotonic();
      for (const absent of this.#absent.values()) {
        if (absent.until > now) break;
        this.#forget(absent);
        this.#gone(absent);
      }
      this.#wait();
    });
  }
}
