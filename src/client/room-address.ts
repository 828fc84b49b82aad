// Reads which room is meant, and at which servers: its name, or its URL. Never resolves or dials anything.

import { parseRoomName } from '../protocol/index.ts';
import {
  AddressError,
  isSameServer,
  parseServerAddress,
  parseServerAddresses,
  roomOfAddress,
  SCHEME,
  type ServerAddress,
} from './server-address.ts';

export interface RoomAddress {
  readonly room: string;
  readonly servers: readonly [ServerAddress, ...ServerAddress[]];
}

export interface ServerWishes {
  /** What was chosen for this very room, as parseServerAddresses takes it: it must not contradict the room. */
  readonly chosen?: string | undefined;
  /** What counts where neither it nor the room names a server. */
  readonly usual?: string | undefined;
}

/**
 * `lobby`, `#lobby`, or a room's URL (ws:, wss:, http: or https:), which names its server as well. Throws AddressError and
 * NameError.
 */
export function parseRoomAddress(text: string, { chosen, usual }: ServerWishes = {}): RoomAddress {
  return SCHEME.test(text.trim()) ? atUrl(text, chosen) : named(text, chosen, usual);
}

function named(text: string, chosen: string | undefined, usual: string | undefined): RoomAddress {
  const room = parseRoomName(text.startsWith('#') ? text.slice(1) : text);
  const servers = parseServerAddresses(chosen ?? usual);
  if (chosen !== undefined) agree(room, chosen);
  return { room, servers };
}

function atUrl(url: string, chosen: string | undefined): RoomAddress {
  const server = parseServerAddress(url);
  const room = roomOfAddress(url);
  if (room === undefined) {
    throw new AddressError('This URL names no room: that of a room is like http://127.0.0.1:8080/rooms/lobby.');
  }
  if (chosen === undefined) return { room, servers: [server] };
  const servers = parseServerAddresses(chosen);
  if (!servers.some((one) => isSameServer(one, server))) {
    throw new AddressError(
      `The room's URL is at ${server.host}, and the server to use is another one: name only one of them.`,
    );
  }
  agree(room, chosen);
  return { room, servers };
}

/** A server's address may be that of a room's page: of this one, then. */
function agree(room: string, servers: string): void {
  for (const address of servers.split(',')) {
    const other = roomOfAddress(address);
    if (other !== undefined && other !== room) {
      throw new AddressError(
        `The server's address is that of the room ${other}, not of ${room}: leave out its /rooms/${other}, or name that room.`,
      );
    }
  }
}
