// Who comes to a room, goes, is awaited and has another name: the lines that tell the others of it, collected for a
// turn. Knows no log and no messages.

import { encodeLine, type RenamedLine } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import { Absences } from './absences.ts';
import { Crowd } from './crowd.ts';
import type { Member } from './member.ts';
import { Presence } from './presence.ts';

/** What one turn has to tell of attendance. In one turn it precedes the messages, except departures, which follow. */
export interface AttendanceNews {
  readonly arrivals: Presence | undefined;
  readonly departures: readonly string[];
}

export interface AttendanceOptions {
  readonly clock: Clock;
  /** Milliseconds for which a dropped member is awaited. */
  readonly absence: number;
  /** How many members are connected. */
  readonly present: () => number;
  /** A member that was dropped will not be back. */
  readonly onGone: (id: string) => void;
  /** There is something to tell at the end of this turn. */
  readonly onNews: () => void;
}

export class Attendance {
  readonly #absences: Absences;
  readonly #crowd: Crowd;
  #arrivals = new Presence();
  #departures: string[] = [];
  readonly #options: AttendanceOptions;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    const { clock, absence, onGone } = options;
    this.#absences = new Absences(clock, absence, ({ id, nick }) => {
      onGone(id);
      this.left(id, nick);
    });
    this.#crowd = new Crowd(clock, (joined, left) => this.#tellCrowd(joined, left));
  }

  /** Members that were dropped and may be back. */
  get awaited(): number {
    return this.#absences.size;
  }

  /** A member has joined; `announce` is false for one that resumes soon enough. */
  joined(member: Member, announce: boolean): void {
    const { id, nick } = member;
    const wasAwaited = this.#absences.comeBack(id);
    this.#absences.giveUpNick(member.foldedNick);
    const told = announce && !wasAwaited && this.#crowd.admits('joined');
    this.#arrivals.addNewcomer(member, told ? encodeLine({ type: 'joined', at: this.#now(), id, nick }) : undefined);
    this.#options.onNews();
  }

  /** A member was dropped: it may resume. */
  dropped(member: Member): void {
    this.#absences.add(member);
  }

  /** It will not be back. */
  giveUp(id: string): void {
    this.#absences.giveUp(id);
  }

  left(id: string, nick: string): void {
    if (!this.#crowd.admits('left')) return;
    this.#departures.push(encodeLine({ type: 'left', at: this.#now(), id, nick }));
    this.#options.onNews();
  }

  /** A member has a new nick already. */
  renamed(member: Member, line: RenamedLine): void {
    this.#absences.giveUpNick(member.foldedNick);
    this.#arrivals.addRenaming(member, line);
    this.#options.onNews();
  }

  /** What this turn has to tell, or undefined; the next turn begins with nothing. */
  take(): AttendanceNews | undefined {
    const arrivals = this.#arrivals;
    const departures = this.#departures;
    if (!arrivals.isUntouched) this.#arrivals = new Presence();
    if (arrivals.isEmpty && departures.length === 0) return undefined;
    this.#departures = [];
    return { arrivals: arrivals.isEmpty ? undefined : arrivals, departures };
  }

  stop(): void {
    this.#absences.stop();
  }

  #tellCrowd(joined: number, left: number): void {
    this.#arrivals.add(encodeLine({ type: 'crowd', at: this.#now(), joined, left, present: this.#options.present() }));
    this.#options.onNews();
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** Tells the members that somebody has left. */
export function tellDepartures(departures: readonly string[], members: Iterable<Member>): void {
  if (departures.length === 0) return;
  const presence = new Presence();
  for (const line of departures) presence.add(line);
  presence.deliver(members);
}
