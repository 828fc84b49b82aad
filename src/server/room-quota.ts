// How many rooms one address may make in an hour: each is a folder on disk that stays.

import { ProtocolError } from '../protocol/index.ts';
import type { ClientAddress } from './address.ts';
import type { Clock } from './clock.ts';

const HOUR_MS = 3_600_000;
const MOST_ADDRESSES = 10_000;

export class RoomQuota {
  private readonly made = new Map<string, { since: number; count: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly anHour: number,
  ) {}

  /** Counts a room that this address makes. Throws ProtocolError `overloaded` for one too many; loopback is exempt. */
  take({ key, isLoopback }: ClientAddress): void {
    if (isLoopback) return;
    const now = this.clock.monotonic();
    let entry = this.made.get(key);
    if (entry === undefined || now - entry.since >= HOUR_MS) {
      this.made.delete(key);
      entry = { since: now, count: 0 };
      this.made.set(key, entry);
      const [oldest] = this.made.keys();
      if (this.made.size > MOST_ADDRESSES && oldest !== undefined) this.made.delete(oldest);
    }
    if (entry.count >= this.anHour) {
      throw new ProtocolError('overloaded', 'Too many new rooms from your address. Try again in an hour.');
    }
    entry.count++;
  }
}
