// Tells the console of tokens that were refused at the control path: the first at once, what follows once a minute, so
// that a stranger cannot fill it.

import type { Clock } from '../common/clock.ts';
import type { EventSink } from '../reporting/events.ts';

const MINUTE_MS = 60_000;

export class RefusedTokens {
  #count = 0;
  #lastFrom = '';
  #isQuiet = false;
  readonly #clock: Clock;
  readonly #events: EventSink;

  constructor(clock: Clock, events: EventSink) {
    this.#clock = clock;
    this.#events = events;
  }

  readonly refused = (address: string): void => {
    this.#count++;
    this.#lastFrom = address;
    if (!this.#isQuiet) this.#tell();
  };

  #tell(): void {
    this.#isQuiet = this.#count > 0;
    if (!this.#isQuiet) return;
    this.#events({ event: 'token_refused', at: this.#clock.now(), address: this.#lastFrom, count: this.#count });
    this.#count = 0;
    this.#clock.after(MINUTE_MS, () => this.#tell());
  }
}
