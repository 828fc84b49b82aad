// Keeps a rush at the door from flooding a room: the first 20 joins and departures within 100 ms are told one by one,
// those beyond them as one `crowd` line when the 100 ms are over.

import type { Clock } from '../common/clock.ts';

const WINDOW_MS = 100;
const TOLD_SINGLY = 20;

export class Crowd {
  private windowEnd = Number.NEGATIVE_INFINITY;
  private told = 0;
  private joined = 0;
  private left = 0;

  /** `tell` is called at the end of a window that had more than 20. */
  constructor(
    private readonly clock: Clock,
    private readonly tell: (joined: number, left: number) => void,
  ) {}

  /** Whether this event is told by a line of its own; if not, it is counted for the crowd line. */
  admits(event: 'joined' | 'left'): boolean {
    const now = this.clock.monotonic();
    if (now >= this.windowEnd) {
      this.windowEnd = now + WINDOW_MS;
      this.told = 0;
    }
    if (this.told < TOLD_SINGLY) {
      this.told++;
      return true;
    }
    if (this.joined + this.left === 0) this.clock.after(this.windowEnd - now, () => this.finish());
    this[event]++;
    return false;
  }

  private finish(): void {
    const { joined, left } = this;
    this.joined = 0;
    this.left = 0;
    this.tell(joined, left);
  }
}
