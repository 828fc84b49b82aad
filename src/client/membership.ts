// What a client knows of its place in a room from one connection to the next: who it is there, which log it reads, and
// how far it has read. Knows nothing of what was sent.

import type { JoinCommand, LogLine, WelcomeLine } from '../protocol/index.ts';
import type { Place } from './place.ts';
import { randomHex } from './random.ts';
import type { Identity, SavedMembership } from './saved-session.ts';

export interface MembershipOptions {
  /** How many lines of the past to get, 0 for none; without it all. */
  readonly last?: number | undefined;
  /** Where to read on, instead of `last`: a `place` of a session before. */
  readonly from?: Place | undefined;
  /** Only speaks: is not in the room, and hears nothing but its own lines. */
  readonly speaker?: boolean | undefined;
}

interface Log {
  readonly epoch: string;
  cursor: number;
  /** When the line at the cursor was said: the server compares it, as its log may have been put back. */
  at: number | undefined;
}

export interface Welcomed {
  readonly resumed: boolean;
  readonly sameLog: boolean;
  readonly otherLog: boolean;
  readonly gap: boolean;
}

const CLAIM_BYTES = 16;

export class Membership {
  readonly #speaker: boolean;
  #identity: Identity | undefined;
  /** Every id that this client has had: what was said under any of them is its own. */
  readonly #ids = new Set<string>();
  #log: Log | undefined;
  /** The one that was read is gone, and no other is known yet. */
  #logIsGone = false;
  #last: number | undefined;
  /** Lines to be replayed once more, at the next join. */
  #again: number | undefined;
  /** How far they have come, on a connection that shows some once more. */
  #againCursor: number | undefined;
  /** Over the whole session, so that it rises under every id. */
  #attempt: number;
  /** Known as protected: from then on it is joined only as such. */
  #protectedOnly: boolean;
  /** What makes this the same client again where a welcome was lost on its way. One for each welcome. */
  #claim: string;

  constructor({ last, from, speaker = false }: MembershipOptions, saved: SavedMembership) {
    this.#speaker = speaker;
    this.#last = last;
    if (from !== undefined) this.#log = { epoch: from.epoch, cursor: from.seq, at: from.at };
    this.#identity = saved.identity;
    this.#attempt = saved.attempt;
    this.#claim = saved.claim ?? randomHex(CLAIM_BYTES);
    this.#protectedOnly = saved.protectedOnly;
    if (saved.identity !== undefined) this.#ids.add(saved.identity.id);
  }

  get id(): string | undefined {
    return this.#identity?.id;
  }

  /** Undefined where no log is known. */
  get place(): Place | undefined {
    if (this.#log === undefined) return undefined;
    const { epoch, cursor, at } = this.#log;
    return { epoch, seq: cursor, at };
  }

  get saved(): SavedMembership {
    return {
      identity: this.#identity,
      attempt: this.#attempt,
      claim: this.#claim,
      protectedOnly: this.#protectedOnly,
    };
  }

  /** Whether it was said under an id that this client has or had. */
  isOwn(id: string): boolean {
    return this.#ids.has(id);
  }

  /** What was asked for a password, or is to have one, is not joined open: not on any later connection either. */
  demandProtection(): void {
    this.#protectedOnly = true;
  }

  /** A person wants to be in the room although it is open. */
  acceptOpen(): void {
    this.#protectedOnly = false;
  }

  /** False: the room stands open where it has to be protected, so nothing may be sent to it. */
  accepts(line: WelcomeLine): boolean {
    return line.protected || !this.#protectedOnly;
  }

  /** `needsAll`: the past has to tell what was saved, however long ago. `owner`: a key of the room's owners. */
  join(
    nick: string | undefined,
    password: string | undefined,
    needsAll: boolean,
    owner: string | undefined,
  ): JoinCommand {
    const identity = this.#identity;
    const log = this.#log;
    const again = this.#again;
    const first = needsAll ? undefined : this.#last;
    const last = log === undefined ? first : again;
    if (identity !== undefined) this.#attempt += 1;
    return {
      type: 'join',
      ...(nick === undefined ? {} : { nick }),
      ...(password === undefined ? {} : { password }),
      ...(this.#protectedOnly ? { protected: true } : {}),
      ...(log === undefined || again !== undefined ? {} : sinceOf(log)),
      ...(last === undefined ? {} : { last }),
      ...(identity === undefined ? {} : { resume: { ...identity, attempt: this.#attempt } }),
      ...(owner === undefined ? {} : { owner }),
      ...(this.#speaker ? { as: 'speaker' } : { claim: this.#claim }),
    };
  }

  /** The next join asks for the last lines of the log, whether they were shown or not. */
  replayAgain(lines: number): void {
    this.#again = lines;
  }

  /** The key of before no longer fits: this one does. */
  rekeyed(key: string): void {
    if (this.#identity !== undefined) this.#identity = { ...this.#identity, key };
  }

  /** The key does not fit, or this client was sent away: it comes back as somebody new, who reads on where it was. */
  forgetIdentity(): void {
    this.#identity = undefined;
  }

  /** The log is gone: whatever was read, the next one is read from its beginning. */
  forgetLog(): void {
    this.#identity = undefined;
    this.#logIsGone = true;
    this.#log = undefined;
    this.#last = undefined;
    this.#again = undefined;
  }

  /**
   * Takes up what a welcome says.
   * - `resumed`: as the same client.
   * - `sameLog`: it goes on where the cursor was; else the cursor is where the replay starts.
   * - `otherLog`: it is not the one that was read before.
   * - `gap`: the lines asked for once more do not reach back to the cursor, so that this replay would leave some out.
   */
  welcomed(line: WelcomeLine): Welcomed {
    const resumed = this.id === line.id;
    const sameLog = this.#log?.epoch === line.epoch;
    const otherLog = this.#logIsGone || (this.#log !== undefined && !sameLog);
    this.#logIsGone = false;
    const gap = sameLog && this.#again !== undefined && line.after > (this.#log?.cursor ?? 0);
    this.#againCursor = sameLog && this.#again !== undefined ? line.after : undefined;
    this.#again = undefined;
    if (line.protected) this.demandProtection();
    this.#identity = { id: line.id, key: line.key };
    this.#ids.add(line.id);
    this.#claim = randomHex(CLAIM_BYTES);
    // A server may start the replay early, as it is asked to for lines to be shown once more: the cursor never goes back.
    if (!sameLog) this.#log = { epoch: line.epoch, cursor: line.after, at: line.afterAt };
    return { resumed, sameLog, otherLog, gap };
  }

  /**
   * Moves the cursor to a line of the log, before the line is shown. `new`: it is now handled for the first time.
   * `again`: it was handled before, and is asked for once more. `old`: it is not to be shown.
   */
  advance({ seq, at }: LogLine): 'new' | 'again' | 'old' {
    const log = this.#log;
    if (log !== undefined && seq > log.cursor) {
      log.cursor = seq;
      log.at = at;
      return 'new';
    }
    if (this.#againCursor === undefined || seq <= this.#againCursor) return 'old';
    this.#againCursor = seq;
    return 'again';
  }
}

type Since = Required<Pick<JoinCommand, 'since' | 'epoch'>> & Pick<JoinCommand, 'sinceAt'>;

function sinceOf({ cursor, at, epoch }: Log): Since {
  return { since: cursor, ...(at === undefined ? {} : { sinceAt: at }), epoch };
}
