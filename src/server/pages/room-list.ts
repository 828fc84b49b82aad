// The rooms that are open on this server, for the page at `/` where the server's owner wants such a list. It never has a room
// with a password in it, nor a room that nobody was in lately: it costs no look at the disk.

import type { Room } from '../room/room.ts';
import type { RoomPage } from './room-page.ts';

/** The fullest; nobody reads more. */
const MOST_LISTED = 200;

export function roomList(rooms: Iterable<Room>): RoomPage {
  const open: { readonly name: string; readonly present: number }[] = [];
  for (const { name, present, log } of rooms) {
    if (log.meta.password === undefined) open.push({ name, present });
  }
  open.sort((a, b) => b.present - a.present || (a.name < b.name ? -1 : 1));
  return {
    document: Buffer.from(`${JSON.stringify({ rooms: open.slice(0, MOST_LISTED) })}\n`),
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      // No other site's page gets it, not even without reading it.
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  };
}
