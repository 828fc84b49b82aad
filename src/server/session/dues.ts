// What one connection pays out of its address's purses, for work and for replays. Loopback has no account, and pays
// nothing.

import type { ClientAddress } from '../addresses/address.ts';
import type { Account, Accounts } from '../budget/account.ts';
import { Toll } from '../budget/toll.ts';
import type { Metrics } from '../reporting/metrics.ts';

export interface Payer {
  /** It is out of debt, and it is its turn: it may be read again. */
  readAgain(): void;
  /** The same of its replay. */
  replayAgain(): void;
}

export class Dues {
  /** What its address may use; undefined for loopback. */
  readonly account: Account | undefined;
  readonly #accounts: Accounts;
  readonly #work: Toll | undefined;
  readonly #replay: Toll | undefined;

  constructor(accounts: Accounts, address: ClientAddress, metrics: Metrics, payer: Payer) {
    const account = accounts.open(address);
    this.#accounts = accounts;
    this.account = account;
    this.#work = account?.work && new Toll(account.work, metrics.slowed, () => payer.readAgain());
    this.#replay = account?.replay && new Toll(account.replay, metrics.slowedReplays, () => payer.replayAgain());
  }

  /** It is not read because its address is in debt. */
  get isSlowed(): boolean {
    return this.#work?.isHeldBack ?? false;
  }

  get isReplayHeldBack(): boolean {
    return this.#replay?.isHeldBack ?? false;
  }

  /** Charges work, in units of WORK. What is under way goes on; what comes next may have to wait. */
  pay(units: number): void {
    this.#work?.pay(units);
  }

  payReplay(bytes: number): void {
    this.#replay?.pay(bytes);
  }

  refundReplay(bytes: number): void {
    this.#replay?.refund(bytes);
  }

  /** Resolves when something may be read of a log for it, or the connection is gone. */
  async passReplay(): Promise<void> {
    await this.#replay?.pass();
  }

  /** Its replay is held back from here on where its address is in debt. */
  queueReplay(): void {
    this.#replay?.queue();
  }

  /** The connection is gone. */
  close(): void {
    this.#work?.leave();
    this.#replay?.leave();
    if (this.account !== undefined) this.#accounts.close(this.account);
  }
}
