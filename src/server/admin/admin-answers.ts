// What the commands of the control path have in common: their types, how they find clients and rooms, and lists as answers.

import { type ControlCommand, ControlError, MAX_FRAME_BYTES } from '../../protocol/index.ts';
import type { AdminConnection, AdminContext } from './admin-context.ts';
import { everywhere } from './everywhere.ts';
import type { OtherServer } from './others.ts';
import type { Asked, FoundClient, QuestionType } from './questions.ts';

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
  /** Servers whose entries are missing. */
  readonly silent: OtherServer[] = [];
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

  /** All answers to a question, each with the server that it comes from. */
  async addAll<T extends QuestionType>(server: AdminContext, question: Asked<T>): Promise<void> {
    for await (const { answer, from } of everywhere(server, question, this.silent)) {
      await this.add({ ...answer, ...nodeOf(from) });
    }
  }

  end(): void {
    const silent = namesOf(this.silent);
    this.#admin.answer(this.#ref, { [this.#field]: this.#entries, ...(silent.length > 0 && { silent }) });
  }
}

/** A client, and the server that it is or was connected to. */
export interface LocatedClient extends FoundClient {
  readonly at: OtherServer | undefined;
}

/** A client that is connected, by its id or a beginning of it. */
export async function theClient(server: AdminContext, ref: number, prefix: string): Promise<LocatedClient> {
  const { found, silent } = await findClients(server, prefix);
  return theOnly(
    ref,
    found.filter(({ isHere }) => isHere),
    silent,
  );
}

/** A client that is connected, else one that has left lately, by its id or a beginning of it. */
export async function theKnownClient(server: AdminContext, ref: number, prefix: string): Promise<LocatedClient> {
  const { found, silent } = await findClients(server, prefix);
  const here = found.filter(({ isHere }) => isHere);
  return theOnly(ref, here.length > 0 ? here : found, silent);
}

/** Whose id begins so, each once; one alone where that is its whole id. */
async function findClients(
  server: AdminContext,
  prefix: string,
): Promise<{ found: LocatedClient[]; silent: readonly OtherServer[] }> {
  const byId = new Map<string, LocatedClient>();
  const silent: OtherServer[] = [];
  if (prefix === '') return { found: [], silent };
  for await (const { answer, from } of everywhere(server, { type: 'find', id: prefix }, silent)) {
    // One that has moved has left the one, and is at the other.
    if (answer.isHere || !byId.has(answer.id)) byId.set(answer.id, { ...answer, at: from });
  }
  const exact = byId.get(prefix);
  return { found: exact === undefined ? [...byId.values()] : [exact], silent };
}

function theOnly(ref: number, found: readonly LocatedClient[], silent: readonly OtherServer[]): LocatedClient {
  const [first] = found;
  if (first === undefined) {
    const unheard = silent.length === 0 ? '' : ` ${namesOf(silent).join(', ')} did not answer.`;
    throw new ControlError(ref, 'not_found', `No client here has this id.${unheard}`);
  }
  if (found.length === 1) return first;
  const candidates = found.slice(0, 10).map(({ id, nick }) => `${id} (${nick})`);
  throw new ControlError(ref, 'ambiguous', `This prefix matches ${found.length} clients: ${candidates.join(', ')}.`);
}

/** Where an entry of a list comes from. */
export function nodeOf(from: OtherServer | undefined): { node?: string } {
  return from === undefined ? {} : { node: from.name };
}

function namesOf(servers: Iterable<OtherServer>): string[] {
  return [...new Set(Array.from(servers, ({ name }) => name))];
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
