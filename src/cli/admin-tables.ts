// What `roomchat admin` shows to people. Everything in it may come from strangers: `table` makes it printable.

import type { BanEntry, ClientEntry, RoomEntry } from '../protocol/index.ts';
import type { VerifiedRoom } from './admin-entries.ts';
import { table } from './table.ts';
import { utc } from './values.ts';

export function roomsTable(rooms: readonly RoomEntry[]): string {
  if (rooms.length === 0) return 'There are no rooms.\n';
  const rows = rooms.map((room) => [room.name, room.present, room.seq, room.bytes, room.protected ? 'yes' : 'no']);
  return table(['room', 'present', 'seq', 'bytes', 'password'], rows);
}

export function clientsTable(clients: readonly ClientEntry[]): string {
  if (clients.length === 0) return 'Nobody is here.\n';
  const rows = clients.map((client) => [
    client.id,
    client.nick,
    client.room,
    client.address,
    utc(client.since),
    client.speaker ? 'speaker' : client.state,
    client.behind,
    client.waiting,
  ]);
  return table(['id', 'nick', 'room', 'address', 'since (UTC)', 'state', 'behind', 'waiting'], rows);
}

export function verifiedTable(rooms: readonly VerifiedRoom[]): string {
  if (rooms.length === 0) return 'There are no rooms.\n';
  const overview = rooms.map((room) => [room.name, room.lines, room.bytes, room.summed ?? 0, room.problems.length]);
  const problems = rooms.flatMap(({ name, problems: found }) =>
    found.map(({ offset, reason }) => [name, offset, reason] as const),
  );
  const head = table(['room', 'lines', 'bytes', 'with sums', 'problems'], overview);
  return problems.length === 0 ? head : `${head}\n${table(['room', 'at byte', 'problem'], problems)}`;
}

export function bansTable(bans: readonly BanEntry[]): string {
  if (bans.length === 0) return 'Nobody is banned.\n';
  const rows = bans.map(({ network, room, since, until, id, nick, reason }) => [
    network,
    room ?? '(the server)',
    utc(since),
    until === undefined ? 'for good' : utc(until),
    id === undefined ? '' : `${nick} (${id})`,
    reason ?? '',
  ]);
  return table(['address', 'from', 'since (UTC)', 'until (UTC)', 'client', 'reason'], rows);
}

export interface HoleEntry {
  readonly offset: number;
  readonly length: number;
  readonly missing: number;
  readonly reason: string;
}

export function holesTable(holes: readonly HoleEntry[]): string {
  const rows = holes.map(({ offset, length, missing, reason }) => [offset, length, missing, reason]);
  return table(['at byte', 'bytes', 'lines lost', 'because of'], rows);
}
