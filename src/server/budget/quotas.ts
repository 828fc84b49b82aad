// What one address may leave on the disk: bytes in logs, and rooms. Beyond it is refused rather than made to wait: it
// comes back only over the hour.

import { bytesText, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { EventSink } from '../reporting/events.ts';
import type { Metrics } from '../reporting/metrics.ts';
import type { Account } from './account.ts';

/** Who has used up its bytes is refused until it has so much of its hour's again: a minute's worth. */
const BACK_SHARE = 1 / 60;
const MINUTE_MS = 60_000;
/** Addresses of which it is known that they are being refused: a bound on memory. */
const MOST_REFUSED = 10_000;

export class LogQuota {
  readonly #refused = new Set<string>();
  readonly #clock: Clock;
  readonly #hourlyBytes: number;
  readonly #events: EventSink;
  readonly #metrics: Metrics;

  constructor(clock: Clock, hourlyBytes: number, events: EventSink, metrics: Metrics) {
    this.#clock = clock;
    this.#hourlyBytes = hourlyBytes;
    this.#events = events;
    this.#metrics = metrics;
  }

  /** Throws ProtocolError `not_saved` where this address has added as much to logs as it may for now. */
  check({ address, log }: Account, ref: string | undefined): void {
    if (log === undefined) return;
    const isRefused = this.#refused.has(address.key);
    const wait = log.lacks(isRefused ? this.#hourlyBytes * BACK_SHARE : 0);
    if (wait === 0) {
      if (isRefused) this.#end(address.key, address.text);
      return;
    }
    if (!isRefused) this.#begin(address.key, address.text);
    this.#metrics.countNotSaved(1, 'address');
    throw new ProtocolError(
      'not_saved',
      `Your address has written as much as it may for now (${bytesText(this.#hourlyBytes)} an hour): your message was not saved. Try again in ${minutesText(wait)}.`,
      ref,
      Math.ceil(wait / 1000),
    );
  }

  #begin(key: string, address: string): void {
    const [oldest] = this.#refused;
    if (this.#refused.size >= MOST_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
    this.#refused.add(key);
    this.#warn(
      `${address} has written ${bytesText(this.#hourlyBytes)} within an hour (--max-hourly): its messages are refused for now.`,
    );
  }

  #end(key: string, address: string): void {
    this.#refused.delete(key);
    this.#warn(`${address} may write again.`);
  }

  #warn(message: string): void {
    this.#events({ event: 'warning', at: this.#clock.now(), message });
  }
}

/** Counts a room that this address makes. Throws ProtocolError `overloaded` for one too many. */
export function payForRoom({ rooms }: Account): void {
  if (rooms === undefined) return;
  const wait = rooms.lacks(1);
  if (wait > 0) {
    throw new ProtocolError(
      'overloaded',
      `Too many new rooms from your address. Try again in ${minutesText(wait)}.`,
      undefined,
      Math.ceil(wait / 1000),
    );
  }
  rooms.charge(1);
}

function minutesText(milliseconds: number): string {
  const minutes = Math.max(1, Math.ceil(milliseconds / MINUTE_MS));
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
