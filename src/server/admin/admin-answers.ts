// What the commands of the control path have in common: their types, how they find clients and rooms, and lists as answers.

import { type ControlCommand, ControlError, MAX_FRAME_BYTES } from '../../protocol/index.ts';
import type { Departed } from '../session/departures.ts';
import type { Session } from '../session/session.ts';
import type { AdminConnection, AdminContext } from './admin-context.ts';

type ByType = { [C in ControlCommand as C['type']]: C };
export type ControlCommandType = keyof ByType;
export type OfType<T extends ControlCommandType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

/** A function a command. It rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export type CommandTable<Types extends ControlCommandType> = {
  readonly [T in Types]: (server: AdminContext, admin: AdminConnection, command: OfType<T>) => Promise<void> | void;
};

/**
 * A list as the answer to a command. It goes out in `done`; where it is longer than a frame, the front of it in `part`
 * lines before, so that nothing is piled up.
 */
export class Listing {
  #entries: unknown[] = [];
  #bytes = 0;
  readonly #admin: AdminConnection;
  readonly #ref: number;
  readonly #field: string;

  constructor(admin: AdminConnection, ref: number, field: string) {
    this.#admin = admin;
    this.#ref = ref;
    this.#field = field;
  }

  async add(entry: unknown): Promise<void> {
    this.#entries.push(entry);
    this.#bytes += JSON.stringify(entry).length * 2;
    if (this.#bytes < MAX_FRAME_BYTES / 2) return;
    this.#admin.send(`${JSON.stringify({ type: 'part', ref: this.#ref, [this.#field]: this.#entries })}\n`);
    this.#entries = [];
    this.#bytes = 0;
    await this.#admin.hasDrained();
  }

  end(): void {
    this.#admin.answer(this.#ref, { [this.#field]: this.#entries });
  }
}

/** A client that is here, by its id or a beginning of it. */
export function theClient(server: AdminContext, ref: number, prefix: string): Session {
  const found = prefix === '' ? [] : server.clients.byPrefix(prefix);
  return theOnly(ref, found, namesOf);
}

/** A client that is here, else one that has left lately, by its id or a beginning of it. */
export function theKnownClient(server: AdminContext, ref: number, prefix: string): Departed {
  const here = prefix === '' ? [] : server.clients.byPrefix(prefix);
  if (here.length === 0 && prefix !== '') return theOnly(ref, server.clients.departures.byPrefix(prefix), (one) => one);
  const session = theOnly(ref, here, namesOf);
  return { ...namesOf(session), address: session.address };
}

function theOnly<T>(
  ref: number,
  found: readonly T[],
  namesOf: (one: T) => { readonly id: string; readonly nick: string },
): T {
  const [first] = found;
  if (first === undefined) throw new ControlError(ref, 'not_found', 'No client here has this id.');
  if (found.length === 1) return first;
  const names = found.slice(0, 10).map(namesOf);
  const candidates = names.map(({ id, nick }) => `${id} (${nick})`);
  throw new ControlError(ref, 'ambiguous', `This prefix matches ${found.length} clients: ${candidates.join(', ')}.`);
}

export function namesOf(session: Session) {
  return { id: session.clientId, nick: session.nick, room: session.roomName };
}

export function existing(server: AdminContext, ref: number, room: string): string {
  if (!server.rooms.exists(room)) throw missing(ref, room);
  return room;
}

export function missing(ref: number, room: string): ControlError {
  return new ControlError(ref, 'not_found', `The room ${room} does not exist.`);
}

/** Waits for what holds already to be on the disk. `what` begins the sentence of one that is not: `The ban`. */
export async function saved<T>(ref: number, what: string, saving: Promise<T>): Promise<T> {
  try {
    return await saving;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${what} is in force, but could not be written to the disk, and ends when the server does: ${why}. Try again.`;
    throw new ControlError(ref, 'not_saved', message);
  }
}
