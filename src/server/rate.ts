// A token bucket: how fast one connection's commands are handled. Above the rate it is not read for a while, so that
// TCP slows the sender; nothing is refused and nothing is lost.

export class RateLimit {
  private tokens: number;
  private at: number;

  /** `now` is monotonic milliseconds, here and below; `rate` is per second. */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes a token and answers 0, or answers the milliseconds until there is one. */
  take(now: number): number {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) * this.rate) / 1000);
    this.at = now;
    if (this.tokens >= 1) {
      this.tokens--;
      return 0;
    }
    return Math.ceil(((1 - this.tokens) * 1000) / this.rate);
  }
}
