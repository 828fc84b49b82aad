// What the connections of one address may use together: work, bytes replayed to them, bytes that they add to logs, rooms
// that they make. Opening more connections buys nothing. Loopback has no account, and pays nothing.

import type { ClientAddress } from '../addresses/address.ts';
import type { Clock } from '../common/clock.ts';
import type { ServerLimits } from '../common/limits.ts';
import { Budget, type Purse } from './budget.ts';

const HOUR_S = 3_600;
/**
 * The longest that a debt keeps an address waiting. A client that hears nothing for 40 s takes its connection for lost;
 * and who pays 10 s for a thing that takes a few milliseconds does not come far with it.
 */
const LONGEST_DEBT_S = 10;

export interface Account {
  readonly address: ClientAddress;
  /** Undefined where there is no limit, here and below. In units of work, see WORK in limits.ts. */
  readonly work: Purse | undefined;
  readonly replay: Purse | undefined;
  /** In bytes of lines. */
  readonly log: Purse | undefined;
  readonly rooms: Purse | undefined;
}

interface Opened {
  readonly account: Account;
  connections: number;
}

export class Accounts {
  readonly #opened = new Map<string, Opened>();
  readonly #work: Budget | undefined;
  readonly #replay: Budget | undefined;
  readonly #log: Budget | undefined;
  readonly #rooms: Budget | undefined;

  constructor(clock: Clock, limits: ServerLimits) {
    const budget = (perSecond: number, burst: number, longestDebt?: number): Budget | undefined =>
      perSecond === 0
        ? undefined
        : new Budget(clock, { perSecond, burst, ...(longestDebt === undefined ? {} : { longestDebt }) });
    this.#work = budget(limits.rate, limits.burst, LONGEST_DEBT_S);
    this.#replay = budget(limits.replay, limits.replayBurst);
    this.#log = budget(limits.hourlyBytes / HOUR_S, limits.hourlyBytes);
    this.#rooms = budget(limits.roomsPerHour / HOUR_S, limits.roomsPerHour);
  }

  /** The account that a connection from there shares; it says `close` when it is gone. Undefined for loopback. */
  open(address: ClientAddress): Account | undefined {
    if (address.isLoopback) return undefined;
    let opened = this.#opened.get(address.key);
    if (opened === undefined) {
      const { scopes } = address;
      const account: Account = {
        address,
        work: this.#work?.open(scopes),
        replay: this.#replay?.open(scopes),
        log: this.#log?.open(scopes),
        rooms: this.#rooms?.open(scopes),
      };
      opened = { account, connections: 0 };
      this.#opened.set(address.key, opened);
    }
    opened.connections++;
    return opened.account;
  }

  close({ address, work, replay, log, rooms }: Account): void {
    const opened = this.#opened.get(address.key);
    if (opened === undefined) return;
    opened.connections--;
    if (opened.connections > 0) return;
    this.#opened.delete(address.key);
    if (work !== undefined) this.#work?.close(work);
    if (replay !== undefined) this.#replay?.close(replay);
    if (log !== undefined) this.#log?.close(log);
    if (rooms !== undefined) this.#rooms?.close(rooms);
  }
}
