// What a client knows of its place in a room from one connection to the next: who it is there, which log it reads, and
// how far it has read. Knows nothing of what was sent.

import type { JoinCommand, WelcomeLine } from '../protocol/index.ts';

export class Membership {
  private identity: { readonly id: string; readonly key: string } | undefined;
  private log: { readonly epoch: string; cursor: number } | undefined;
  /** Lines of the past to ask for at the first join; undefined asks for all. */
  private last: number | undefined;
  /** Over the whole session, so that it rises under every id. */
  private attempt = 0;

  constructor(
    last: number | undefined,
    private readonly speaker: boolean,
  ) {
    this.last = last;
  }

  get id(): string | undefined {
    return this.identity?.id;
  }

  join(nick: string | undefined, password: string | undefined): JoinCommand {
    const { identity, log, last } = this;
    if (identity !== undefined) this.attempt += 1;
    return {
      type: 'join',
      ...(nick === undefined ? {} : { nick }),
      ...(password === undefined ? {} : { password }),
      ...(log === undefined ? {} : { since: log.cursor, epoch: log.epoch }),
      ...(log !== undefined || last === undefined ? {} : { last }),
      ...(identity === undefined ? {} : { resume: { ...identity, attempt: this.attempt } }),
      ...(this.speaker ? { as: 'speaker' } : {}),
    };
  }

  /** The key does not fit: the server lets this client in as somebody new, who reads on where it was. */
  forgetIdentity(): void {
    this.identity = undefined;
  }

  /** The log is gone: whatever was read, the next one is read from its beginning. */
  forgetLog(): void {
    this.identity = undefined;
    this.log = undefined;
    this.last = undefined;
  }

  /**
   * Takes up what a welcome says. `resumed`: as the same client. `sameLog`: it goes on where the cursor was; else the
   * cursor is where the replay starts.
   */
  welcomed(line: WelcomeLine): { readonly resumed: boolean; readonly sameLog: boolean } {
    const resumed = this.identity?.id === line.id;
    const sameLog = this.log?.epoch === line.epoch;
    this.identity = { id: line.id, key: line.key };
    // A server may start the replay a little early, but nothing is shown twice.
    const cursor = sameLog ? Math.max(this.log?.cursor ?? 0, line.after) : line.after;
    this.log = { epoch: line.epoch, cursor };
    return { resumed, sameLog };
  }

  /** Moves the cursor to a line of the log, before the line is shown. False: it was handled before. */
  advance(seq: number): boolean {
    if (this.log === undefined || seq <= this.log.cursor) return false;
    this.log.cursor = seq;
    return true;
  }
}
