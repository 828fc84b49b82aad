// What the heartbeat knows of one connection: when it has to have joined, and when it last showed a sign of life. All
// times are monotonic milliseconds.

export class Life {
  /** When a connection that has not joined is ended. */
  joinBy: number;
  aliveAt: number;
  /** When it was asked for a sign of life that has not come yet. */
  pingedAt: number | undefined = undefined;
  seenReceived = 0;
  seenBuffered = 0;

  constructor(now: number, joinWithin: number) {
    this.joinBy = now + joinWithin;
    this.aliveAt = now;
  }

  /** For so long nothing counted against it. */
  shift(ms: number): void {
    this.joinBy += ms;
    this.aliveAt += ms;
    if (this.pingedAt !== undefined) this.pingedAt += ms;
  }
}
