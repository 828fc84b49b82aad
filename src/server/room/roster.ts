// Who is in a room, under which nick, and who speaks to it from outside. What others learn of that is collected by its
// attendance. Knows no log and no messages.

import { encodeLine, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { EventSink } from '../reporting/events.ts';
import { Attendance } from './attendance.ts';
import { Claims } from './claims.ts';
import type { Member } from './member.ts';

export interface RosterOptions {
  /** The room's name. */
  readonly room: string;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Milliseconds for which a dropped member is awaited. */
  readonly absence: number;
  /** There is something to tell at the end of this turn. */
  readonly onNews: () => void;
}

export class Roster {
  readonly members = new Map<string, Member>();
  readonly speakers = new Map<string, Member>();
  readonly claims = new Claims();
  readonly attendance: Attendance;
  /** Nicks of connected members in their folded form. */
  readonly #nicks = new Map<string, Member>();
  readonly #options: RosterOptions;

  constructor(options: RosterOptions) {
    this.#options = options;
    const { clock, absence, onNews } = options;
    this.attendance = new Attendance({
      clock,
      absence,
      present: () => this.members.size,
      onGone: (id) => this.claims.forget(id),
      onNews,
    });
  }

  /** Nobody is here, and nobody is awaited. */
  get isEmpty(): boolean {
    return this.members.size === 0 && this.speakers.size === 0 && this.attendance.awaited === 0;
  }

  isNickTaken(foldedNick: string, but?: Member): boolean {
    const holder = this.#nicks.get(foldedNick);
    return holder !== undefined && holder !== but;
  }

  /** `announce` is false for one that resumes soon enough. */
  enter(member: Member, announce: boolean): void {
    if (member.speaker) {
      this.speakers.set(member.id, member);
      return;
    }
    this.claims.forget(member.id);
    this.members.set(member.id, member);
    this.#nicks.set(member.foldedNick, member);
    this.attendance.joined(member, announce);
  }

  /** `await`: it was dropped, and may resume; `silently`: it has resumed already. */
  leave(member: Member, how: 'announce' | 'await' | 'silently'): void {
    if (member.speaker) {
      if (this.speakers.get(member.id) === member) this.speakers.delete(member.id);
      return;
    }
    this.members.delete(member.id);
    if (this.#nicks.get(member.foldedNick) === member) this.#nicks.delete(member.foldedNick);
    if (how !== 'await') this.claims.forget(member.id);
    if (how === 'await') this.attendance.dropped(member);
    else if (how === 'announce') this.attendance.left(member.id, member.nick);
  }

  /** Every renaming is answered by a `renamed` line. Throws ProtocolError `nick_taken`. */
  rename(member: Member, nick: string, foldedNick: string): void {
    if (this.isNickTaken(foldedNick, member)) throw nickTaken(nick);
    const { clock, events, room } = this.#options;
    const { id, nick: was, speaker } = member;
    const line = { type: 'renamed', at: clock.now(), id, nick, was } as const;
    if (was === nick) {
      member.answer(encodeLine(line));
      return;
    }
    if (!speaker) this.#nicks.delete(member.foldedNick);
    member.nick = nick;
    if (speaker) {
      member.answer(encodeLine(line));
    } else {
      this.#nicks.set(foldedNick, member);
      this.attendance.renamed(member, line);
    }
    events({ event: 'renamed', at: line.at, room, id, nick, was });
  }
}

export function nickTaken(nick: string): ProtocolError {
  return new ProtocolError('nick_taken', `Somebody in this room is already called ${nick}. Choose another nick.`);
}
