// What one connection pays out of its address's purse, and its place in the line while that is in debt.

import type { HeldBack } from '../reporting/metrics.ts';
import type { Purse } from './budget.ts';
import type { Waiter, WaitingLine } from './waiting-line.ts';

export class Toll implements Waiter {
  #line: WaitingLine | undefined;
  /** It was let go on and has not been in debt since: it need not stand behind those who wait. */
  #hasTurn = false;
  #passed: (() => void) | undefined;
  readonly #purse: Purse;
  readonly #counted: HeldBack;
  readonly #goOn: () => void;

  /** `goOn` is called when it may go on after it was held back. */
  constructor(purse: Purse, counted: HeldBack, goOn: () => void) {
    this.#purse = purse;
    this.#counted = counted;
    this.#goOn = goOn;
  }

  /** What it pays for has to wait. */
  get isHeldBack(): boolean {
    return this.#line !== undefined;
  }

  /** Pays for work that comes, in any case; where that is more than there is, it is held back from here on. */
  pay(units: number): void {
    this.#purse.charge(units);
    this.queue();
  }

  /** Is held back from here on where the address is in debt, or others of it wait. */
  queue(): void {
    if (this.#line !== undefined) return;
    this.#line = this.#purse.lineFor(this.#hasTurn);
    if (this.#line === undefined) return;
    this.#hasTurn = false;
    this.#counted.heldBack++;
    this.#counted.heldBackNow++;
    this.#line.join(this);
  }

  /** Resolves when it is not held back, or the connection is gone. For one at a time. */
  pass(): Promise<void> {
    this.queue();
    if (this.#line === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#passed = resolve;
    });
  }

  /** Gets back what it paid for and did not use. */
  refund(units: number): void {
    this.#purse.refund(units);
  }

  wake(): void {
    this.#line = undefined;
    this.#counted.heldBackNow--;
    this.#hasTurn = true;
    this.queue();
    if (this.#line !== undefined) return;
    this.#letPass();
    this.#goOn();
  }

  /** The connection is gone. */
  leave(): void {
    if (this.#line === undefined) return;
    this.#line.leave(this);
    this.#line = undefined;
    this.#counted.heldBackNow--;
    this.#letPass();
  }

  #letPass(): void {
    this.#passed?.();
    this.#passed = undefined;
  }
}
