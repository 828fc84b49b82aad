// How far a room was read in this browser, so that what is new stands out at the next visit. Knows no texts.

import { attempt } from './storage.ts';

const SEEN = 'roomchat seen';
/** Rooms read last: a bound for the browser's storage. */
const MOST_ROOMS = 500;

/** A line of one log. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** The line that was seen last in the room at this path. */
export function lastSeen(path: string): Place | undefined {
  const found = seenPlaces().get(path);
  if (!Array.isArray(found)) return undefined;
  const [epoch, seq] = found;
  return typeof epoch === 'string' && typeof seq === 'number' ? { epoch, seq } : undefined;
}

export function rememberSeen(path: string, { epoch, seq }: Place): void {
  const places = seenPlaces();
  places.delete(path);
  places.set(path, [epoch, seq]);
  attempt(() => localStorage.setItem(SEEN, JSON.stringify([...places].slice(-MOST_ROOMS))));
}

function seenPlaces(): Map<unknown, unknown> {
  return attempt(() => new Map(JSON.parse(localStorage.getItem(SEEN) ?? '[]'))) ?? new Map();
}
