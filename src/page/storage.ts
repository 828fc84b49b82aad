// What this browser keeps beyond a page: the nick, and the rooms that it has been in. Never holds a password. Where a
// browser keeps nothing, all else works.

import { nickProblem } from './answers.ts';

const NICK = 'roomchat nick';
const ROOMS = 'roomchat rooms';
/** Those entered last: a bound for the browser's storage. */
const MOST_ROOMS = 500;

/** Undefined also for one that an older server allowed, or somebody else wrote there. */
export function rememberedNick(): string | undefined {
  const nick = attempt(() => localStorage.getItem(NICK)) ?? '';
  return nickProblem(nick) === undefined ? nick : undefined;
}

export function rememberNick(nick: string): void {
  attempt(() => localStorage.setItem(NICK, nick));
}

/** Whether this browser was in a room. */
export function isKnownRoom(path: string): boolean {
  return knownRooms().has(path);
}

/** Whether a room had a password when this browser was last in it. */
export function wasProtected(path: string): boolean {
  return knownRooms().get(path) === true;
}

export function rememberRoom(path: string, isProtected: boolean): void {
  const rooms = knownRooms();
  // To its end: the first ones are forgotten first.
  rooms.delete(path);
  rooms.set(path, isProtected);
  attempt(() => localStorage.setItem(ROOMS, JSON.stringify([...rooms].slice(-MOST_ROOMS))));
}

function knownRooms(): Map<unknown, unknown> {
  return attempt(() => new Map(JSON.parse(localStorage.getItem(ROOMS) ?? '[]'))) ?? new Map();
}

/** Undefined where the browser forbids it, is full, or holds something else there. */
export function attempt<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
