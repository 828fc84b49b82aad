// What each command of the control path does. A table; one small function a command.

import {
  type ClientEntry,
  type ControlCommand,
  ControlError,
  MAX_FRAME_BYTES,
  type RoomEntry,
} from '../protocol/index.ts';
import type { AdminSession } from './admin-session.ts';
import type { ChatServer } from './chat-server.ts';
import type { Session } from './session.ts';

type ByType = { [C in ControlCommand as C['type']]: C };
type OfType<T extends keyof ByType> = { [P in T]: ByType[P] & { readonly type: P } }[T];
type Runs<T extends keyof ByType> = (
  server: ChatServer,
  admin: AdminSession,
  command: OfType<T>,
) => Promise<void> | void;

const CHUNK_BYTES = MAX_FRAME_BYTES;

const commands: { readonly [T in keyof ByType]: Runs<T> } = {
  async broadcast(server, admin, { ref, room, text }) {
    if (room !== '*') {
      admin.answer(ref, { seq: await server.broadcast(room, text) });
      return;
    }
    const names = [...server.rooms].map(({ name }) => name);
    for (const name of names) await server.broadcast(name, text);
    admin.answer(ref, { rooms: names.length });
  },

  dm(server, admin, { ref, id, text }) {
    const session = theClient(server, ref, id);
    if (!server.direct(session, text)) {
      throw new ControlError(ref, 'busy', 'This client does not read right now: its output is over the limit.');
    }
    admin.answer(ref, namesOf(session));
  },

  async rooms(server, admin, { ref }) {
    const list = new Listing(admin, ref, 'rooms');
    for await (const { name, bytes, lastSeq, protected: isProtected } of server.directory.roomNames()) {
      const room = server.rooms.ifOpen(name);
      await list.add({
        name,
        present: room?.present ?? 0,
        seq: lastSeq,
        bytes,
        protected: isProtected,
      } satisfies RoomEntry);
    }
    list.end();
  },

  async clients(server, admin, { ref, room }) {
    const list = new Listing(admin, ref, 'clients');
    const entries = [...server.clients()]
      .filter((session) => room === undefined || session.roomName === room)
      .map(entryOf);
    for (const entry of entries) if (entry !== undefined) await list.add(entry);
    list.end();
  },

  kick(server, admin, { ref, id, reason }) {
    const session = theClient(server, ref, id);
    const names = namesOf(session);
    server.kick(session, reason ?? '');
    admin.answer(ref, names);
  },

  watch(_server, admin, { ref }) {
    admin.answer(ref);
    admin.isWatching = true;
  },

  async verify(server, admin, { ref, room }) {
    const names = room === undefined ? await namesOnDisk(server) : [existing(server, ref, room)];
    const list = new Listing(admin, ref, 'rooms');
    for (const name of names) {
      const problems: { offset: number; reason: string }[] = [];
      const { lines, bytes } = await server.directory.verify(name, (problem) => {
        if (problems.length < 100) problems.push(problem);
      });
      await list.add({ name, lines, bytes, problems });
    }
    list.end();
  },

  async export(server, admin, { ref, room: name }) {
    const room = await server.rooms.hold(existing(server, ref, name));
    if (room === undefined) throw missing(ref, name);
    try {
      const end = room.log.durableEnd;
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let position = 0; position < end; ) {
        const length = await room.log.read(position, chunk, 0);
        position += length;
        // Lines that came after the command do not belong to it, but a chunk's last ones may: whole lines only.
        admin.socket.send(Buffer.from(chunk.subarray(0, length)), false);
        await admin.hasDrained();
      }
      admin.answer(ref, { bytes: end });
    } finally {
      server.rooms.release(room);
    }
  },

  async delete(server, admin, { ref, room }) {
    existing(server, ref, room);
    for (const session of server.clients()) {
      if (session.roomName === room) server.kick(session, 'the room was deleted');
    }
    if (!(await server.rooms.closeNow(room))) {
      throw new ControlError(ref, 'busy', 'Somebody is joining this room right now. Try again.');
    }
    await server.directory.deleteRoom(room);
    admin.answer(ref);
  },
};

/** Runs one command. Rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export async function runControlCommand<T extends keyof ByType>(
  server: ChatServer,
  admin: AdminSession,
  command: OfType<T>,
): Promise<void> {
  await commands[command.type](server, admin, command);
}

/**
 * A list as the answer to a command. It goes out in `done`; where it is longer than a frame, the front of it in `part`
 * lines before, so that nothing is piled up.
 */
class Listing {
  private entries: unknown[] = [];
  private bytes = 0;

  constructor(
    private readonly admin: AdminSession,
    private readonly ref: number,
    private readonly field: string,
  ) {}

  async add(entry: unknown): Promise<void> {
    this.entries.push(entry);
    this.bytes += JSON.stringify(entry).length * 2;
    if (this.bytes < CHUNK_BYTES / 2) return;
    this.admin.send(`${JSON.stringify({ type: 'part', ref: this.ref, [this.field]: this.entries })}\n`);
    this.entries = [];
    this.bytes = 0;
    await this.admin.hasDrained();
  }

  end(): void {
    this.admin.answer(this.ref, { [this.field]: this.entries });
  }
}

function theClient(server: ChatServer, ref: number, prefix: string): Session {
  const found = prefix === '' ? [] : server.clientsByPrefix(prefix);
  const [session] = found;
  if (session === undefined) throw new ControlError(ref, 'not_found', 'There is no client with this id here.');
  if (found.length === 1) return session;
  const candidates = found.slice(0, 10).map((one) => `${one.clientId} (${one.nick})`);
  throw new ControlError(ref, 'ambiguous', `This beginning fits ${found.length} clients: ${candidates.join(', ')}.`);
}

function namesOf(session: Session) {
  return { id: session.clientId, nick: session.nick, room: session.roomName };
}

function entryOf(session: Session): ClientEntry | undefined {
  if (session.state.kind !== 'joined') return undefined;
  const { member } = session.state;
  return {
    id: member.id,
    nick: member.nick,
    room: session.roomName,
    address: session.address.text,
    since: session.since,
    state: member.state === 'live' ? 'live' : 'reading',
    behind: member.behind,
    waiting: session.bufferedBytes,
    speaker: member.speaker,
  };
}

function existing(server: ChatServer, ref: number, room: string): string {
  if (!server.rooms.exists(room)) throw missing(ref, room);
  return room;
}

function missing(ref: number, room: string): ControlError {
  return new ControlError(ref, 'not_found', `The room ${room} does not exist yet.`);
}

async function namesOnDisk(server: ChatServer): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of server.directory.roomNames()) names.push(name);
  return names;
}
