// Who comes to a room, goes, is awaited and has another name: the lines that tell the others of it. They go out at the
// server's pace, at most once in 100 ms, or with the next messages: a storm at the door costs each member a few writes, not
// one an arrival. After a quiet while they go out at once. Knows no log and no messages.

import { encodeLine, type RenamedLine } from '../../protocol/index.ts';
import type { Clock, Timer } from '../common/clock.ts';
import { Absences, type Absent } from './absences.ts';
import { Crowd } from './crowd.ts';
import type { Member } from './member.ts';
import type { Pace } from './pace.ts';
import { Presence } from './presence.ts';

/** What one turn has to tell of attendance. In one turn it precedes the messages, except departures, which follow. */
export interface AttendanceNews {
  readonly arrivals: Presence | undefined;
  readonly departures: readonly string[];
}

export interface AttendanceOptions {
  readonly clock: Clock;
  readonly pace: Pace;
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
  /** Monotonic time until which what is to be told is collected. */
  #collectsUntil = Number.NEGATIVE_INFINITY;
  /** Runs where there is something to tell once the time has come. */
  #timer: Timer | undefined;
  readonly #options: AttendanceOptions;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    const { clock, absence, onGone } = options;
    this.#absences = new Absences(clock, absence, ({ id, nick }) => {
      onGone(id);
      this.left(id, nick);
    });
    this.#crowd = new Crowd(
      clock,
      () => this.#collectsUntil,
      (joined, left) => this.#tellCrowd(joined, left),
    );
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

  /** The same at another server. */
  joinedElsewhere({ id, nick, foldedNick }: Absent, announce: boolean): void {
    const wasAwaited = this.#absences.comeBack(id);
    this.#absences.giveUpNick(foldedNick);
    if (!announce || wasAwaited || !this.#crowd.admits('joined')) return;
    this.#arrivals.add(encodeLine({ type: 'joined', at: this.#now(), id, nick }));
    this.#options.onNews();
  }

  renamedElsewhere(line: RenamedLine): void {
    this.#arrivals.add(encodeLine(line));
    this.#options.onNews();
  }

  /** A member was dropped: it may resume. */
  dropped(member: Absent): void {
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

  /** What is told at the end of this turn, or undefined. `ridesAlong`: messages go out in any case. */
  take(ridesAlong: boolean): AttendanceNews | undefined {
    const arrivals = this.#arrivals;
    const departures = this.#departures;
    if (arrivals.isEmpty && departures.length === 0) {
      if (!arrivals.isUntouched) this.#arrivals = new Presence();
      return undefined;
    }
    const { clock, pace, present } = this.#options;
    const now = clock.monotonic();
    const wait = this.#collectsUntil - now;
    if (wait > 0 && !ridesAlong) {
      this.#hold(wait);
      return undefined;
    }
    const members = present();
    if (departures.length > 0 || arrivals.isHeard(members)) this.#collectsUntil = now + pace.tell(members);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#arrivals = new Presence();
    this.#departures = [];
    return { arrivals: arrivals.isEmpty ? undefined : arrivals, departures };
  }

  /** What whoever has left said in this turn or before has gone out: a later arrival may have its nick. */
  #hold(wait: number): void {
    for (const line of this.#departures) this.#arrivals.add(line);
    this.#departures = [];
    this.#timer ??= this.#options.clock.after(wait, () => {
      this.#timer = undefined;
      this.#options.onNews();
    });
  }

  stop(): void {
    this.#timer?.cancel();
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
