// What `roomchat admin` shows to people. Everything in it may come from strangers: `table` makes it printable.

import { type BanEntry, bytesText, type ClientEntry, type RoomEntry } from '../protocol/index.ts';
import type { VerifiedRoom } from './admin-entries.ts';
import { table } from './table.ts';
import { utc } from './values.ts';

export function roomsTable(rooms: readonly RoomEntry[]): string {
  if (rooms.length === 0) return 'There are no rooms.\n';
  const hasRules = rooms.some((room) => rulesOf(room) !== '');
  const rows = sorted(rooms, ({ name }) => [name]).map((room) => [
    room.name,
    room.present,
    room.seq,
    bytesText(room.bytes),
    room.protected ? 'yes' : 'no',
    ...(hasRules ? [rulesOf(room)] : []),
  ]);
  return table(['room', 'present', 'seq', 'size', 'password', ...(hasRules ? ['rules'] : [])], rows);
}

/** What keeps people from writing as they please; there is a column for it where there is any such room. */
function rulesOf({ readonly, slow }: RoomEntry): string {
  return [readonly ? 'read-only' : '', slow === undefined ? '' : `slow ${slow} s`]
    .filter((rule) => rule !== '')
    .join(', ');
}

export function clientsTable(clients: readonly ClientEntry[]): string {
  if (clients.length === 0) return 'Nobody is here.\n';
  const rows = sorted(clients, ({ room, nick, id }) => [room, nick, id]).map((client) => [
    client.id,
    client.nick,
    client.room,
    client.address,
    utc(client.since),
    client.speaker ? 'speaker' : client.state,
    bytesText(client.behind),
    bytesText(client.waiting),
    ...nodeColumn(clients, client.node),
  ]);
  const heads = ['id', 'nick', 'room', 'address', 'since (UTC)', 'state', 'behind', 'waiting'];
  return table([...heads, ...nodeColumn(clients, 'node')], rows);
}

export function verifiedTable(rooms: readonly VerifiedRoom[]): string {
  if (rooms.length === 0) return 'There are no rooms.\n';
  const byName = sorted(rooms, ({ name, node = '' }) => [name, node]);
  const overview = byName.map((room) => [
    room.name,
    room.lines,
    bytesText(room.bytes),
    bytesText(room.summed ?? 0),
    room.problems.length,
    ...nodeColumn(rooms, room.node),
  ]);
  const problems = byName.flatMap(({ name, node, problems: found }) =>
    found.map(({ offset, reason }) => [name, ...nodeColumn(rooms, node), offset, reason]),
  );
  const node = nodeColumn(rooms, 'node');
  const head = table(['room', 'lines', 'size', 'checked', 'problems', ...node], overview);
  return problems.length === 0 ? head : `${head}\n${table(['room', ...node, 'at byte', 'problem'], problems)}`;
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
  return table(['at byte', 'bytes', 'lines lost', 'reason'], rows);
}

/** A cell for the column that says which server of a cluster: there is none for a server of its own. */
function nodeColumn(entries: readonly { readonly node?: string }[], cell: string | undefined): string[] {
  return entries.some(({ node }) => node !== undefined) ? [cell ?? ''] : [];
}

/** By code points, which every machine orders alike; the first of the keys that differs decides. */
function sorted<T>(entries: readonly T[], keysOf: (entry: T) => readonly string[]): T[] {
  const keyed = entries.map((entry) => ({ entry, key: keysOf(entry).join('\0') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ entry }) => entry);
}
