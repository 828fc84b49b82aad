// Who is in a room, here and at other servers, under which nick, and who speaks to it from outside. What others learn of that is collected by its
// attendance. Knows no log and no messages.

import { encodeLine, foldNick, numberedNick, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { EventSink } from '../reporting/events.ts';
import { Attendance } from './attendance.ts';
import { Claims } from './claims.ts';
import type { Member } from './member.ts';
import type { Home, Leaving, Neighbourhood, Neighbours, Person } from './neighbours.ts';
import type { Pace } from './pace.ts';
import { PeopleElsewhere } from './people-elsewhere.ts';

export interface RosterOptions {
  /** The room's name. */
  readonly room: string;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly events: EventSink;
  /** Milliseconds for which a dropped member is awaited. */
  readonly absence: number;
  /** There is something to tell at the end of this turn. */
  readonly onNews: () => void;
  readonly neighbourhood: Neighbourhood;
}

/** Of the numbers that are tried for a nick that two took in the same instant. */
const HIGHEST_NUMBER = 1_000;

export class Roster implements Home {
  readonly members = new Map<string, Member>();
  readonly elsewhere = new PeopleElsewhere();
  readonly speakers = new Map<string, Member>();
  /** Those who read the log and are not in the room. */
  readonly readers = new Set<Member>();
  readonly claims = new Claims();
  readonly attendance: Attendance;
  /** Nicks of connected members in their folded form. */
  readonly #nicks = new Map<string, Member>();
  readonly #neighbours: Neighbours;
  readonly #options: RosterOptions;

  constructor(options: RosterOptions) {
    this.#options = options;
    const { clock, pace, absence, onNews } = options;
    this.attendance = new Attendance({
      clock,
      pace,
      absence,
      present: () => this.present,
      onGone: (id) => this.claims.forget(id),
      onNews,
    });
    this.#neighbours = options.neighbourhood(options.room, this);
  }

  /** Resolves once it is known who is here and elsewhere. */
  get known(): Promise<void> {
    return this.#neighbours.known;
  }

  /** Members that are connected, wherever. */
  get present(): number {
    return this.members.size + this.elsewhere.size;
  }

  /** The same, one by one. */
  *everybody(): Iterable<Person> {
    yield* this.members.values();
    yield* this.elsewhere;
  }

  close(): void {
    this.#neighbours.close();
    this.attendance.stop();
  }

  /** Nobody is here, and nobody is awaited. */
  get isEmpty(): boolean {
    const { members, speakers, readers, attendance } = this;
    return members.size + speakers.size + readers.size + attendance.awaited === 0;
  }

  /** Whether anybody has this nick but the client of this id. */
  isNickTaken(foldedNick: string, but?: string): boolean {
    const holders = [this.#nicks.get(foldedNick), this.elsewhere.holderOf(foldedNick)];
    return holders.some((holder) => holder !== undefined && holder.id !== but);
  }

  /** Who has this nick: a member, here or elsewhere, or somebody who speaks from outside. */
  holderOf(foldedNick: string): Person | undefined {
    const member = this.#nicks.get(foldedNick) ?? this.elsewhere.holderOf(foldedNick);
    return member ?? [...this.speakers.values()].find((speaker) => speaker.foldedNick === foldedNick);
  }

  /** Who has this id. */
  personOf(id: string): Person | undefined {
    return this.members.get(id) ?? this.elsewhere.get(id) ?? this.speakers.get(id);
  }

  /** `announce` is false for one that resumes soon enough. */
  enter(member: Member, announce: boolean): void {
    if (member.reads) {
      this.readers.add(member);
      return;
    }
    if (member.speaker) {
      this.speakers.set(member.id, member);
      return;
    }
    this.claims.forget(member.id);
    this.members.set(member.id, member);
    this.#nicks.set(member.foldedNick, member);
    const isKnown = this.elsewhere.get(member.id) !== undefined;
    this.elsewhere.delete(member.id);
    this.attendance.joined(member, announce && !isKnown);
    this.#neighbours.entered(member, announce);
  }

  /** `await`: it was dropped, and may resume; `silently`: it has resumed already. */
  leave(member: Member, how: Leaving): void {
    if (this.readers.delete(member)) return;
    if (member.speaker) {
      if (this.speakers.get(member.id) === member) this.speakers.delete(member.id);
      return;
    }
    this.members.delete(member.id);
    if (this.#nicks.get(member.foldedNick) === member) this.#nicks.delete(member.foldedNick);
    if (how !== 'await') this.claims.forget(member.id);
    if (how === 'await') this.attendance.dropped(member);
    else if (how === 'announce') this.attendance.left(member.id, member.nick);
    this.#neighbours.left(member.id, how);
  }

  /** Every renaming is answered by a `renamed` line. Throws ProtocolError `nick_taken`. */
  rename(member: Member, nick: string, foldedNick: string): void {
    if (this.isNickTaken(foldedNick, member.id)) throw nickTaken(nick);
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
      this.#neighbours.renamed(member, was, line.at);
    }
    events({ event: 'renamed', at: line.at, room, id, nick, was });
  }

  // What other servers tell.

  people(): Iterable<Person> {
    return this.members.values();
  }

  enteredElsewhere(server: string, person: Person, announce: boolean): void {
    // It has come back here meanwhile.
    if (this.members.has(person.id)) return;
    const isKnown = this.elsewhere.get(person.id) !== undefined;
    const { id, nick, foldedNick } = this.elsewhere.set(server, person);
    this.attendance.joinedElsewhere({ id, nick, foldedNick }, announce && !isKnown);
    const holder = this.#nicks.get(foldedNick);
    // Two took it in the same instant: whoever has the later id gives it up.
    if (holder !== undefined && holder.id > id) this.#renameOther(holder);
  }

  leftElsewhere(server: string, id: string, how: Leaving): void {
    const person = this.elsewhere.get(id);
    if (person === undefined || person.server !== server) return;
    this.elsewhere.delete(id);
    if (how === 'await') this.attendance.dropped(person);
    else if (how === 'announce') this.attendance.left(id, person.nick);
  }

  renamedElsewhere(server: string, person: Person, was: string, at: number): void {
    if (this.elsewhere.get(person.id)?.server !== server) return;
    this.elsewhere.set(server, person);
    this.attendance.renamedElsewhere({ type: 'renamed', at, id: person.id, nick: person.nick, was });
  }

  foundElsewhere(server: string, people: readonly Person[], announce: boolean): void {
    const found = new Set(people.map(({ id }) => id));
    for (const { id } of this.elsewhere.at(server)) if (!found.has(id)) this.leftElsewhere(server, id, 'await');
    for (const person of people) {
      const known = this.elsewhere.get(person.id);
      if (known?.server !== server || known.nick !== person.nick) this.enteredElsewhere(server, person, announce);
    }
  }

  lostElsewhere(server: string): void {
    for (const { id } of this.elsewhere.at(server)) this.leftElsewhere(server, id, 'await');
  }

  #renameOther(member: Member): void {
    for (let number = 2; number < HIGHEST_NUMBER; number++) {
      const nick = numberedNick(member.nick, number);
      if (this.isNickTaken(foldNick(nick))) continue;
      this.rename(member, nick, foldNick(nick));
      return;
    }
  }
}

export function nickTaken(nick: string): ProtocolError {
  return new ProtocolError('nick_taken', `Somebody in this room is already called ${nick}. Choose another nick.`);
}
