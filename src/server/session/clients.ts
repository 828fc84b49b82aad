// Everybody who is connected, by connection and, once it has joined, by client's id; and those who have left lately. Kept
// by the server as sessions come and go. Never decides anything.

import type { Member } from '../room/member.ts';
import { Departures } from './departures.ts';
import type { Session } from './session.ts';

export class Clients {
  readonly departures = new Departures();
  readonly #sessions = new Set<Session>();
  /** Sessions that have joined, by their client's id. */
  readonly #byId = new Map<string, Session>();

  /** Every connection, those that have not joined too. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /** The sessions that have joined. */
  get joined(): Iterable<Session> {
    return this.#byId.values();
  }

  /** The joined session of a client's id. */
  sessionOf(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  /** The joined sessions whose client's id begins so; one alone where that is its whole id. */
  byPrefix(prefix: string): Session[] {
    const exact = this.#byId.get(prefix);
    if (exact !== undefined) return [exact];
    return [...this.#byId].filter(([id]) => id.startsWith(prefix)).map(([, session]) => session);
  }

  /** The connections to a room, those that are joining it too. */
  *inRoom(room: string): Iterable<Session> {
    for (const session of this.#sessions) if (session.roomName === room) yield session;
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }

  join(session: Session, id: string): void {
    this.#byId.set(id, session);
    this.departures.comeBack(id);
  }

  leave(session: Session, { id, nick }: Member): void {
    if (this.#byId.get(id) !== session) return;
    this.#byId.delete(id);
    this.departures.add({ id, nick, room: session.roomName, address: session.address });
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
  }
}
