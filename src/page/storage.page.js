// What outlives a page: the nick and the rooms for this browser, and for this tab who it is in the room and what it has
// not seen back. Never holds a password. Where a browser keeps nothing, a reload joins anew and all else works.

import { nickProblem } from './names.page.js';

const NICK = 'roomchat nick';
const ROOMS = 'roomchat rooms';
/** Those entered last: a bound for the browser's storage. */
const MOST_ROOMS = 500;

/** Undefined also for one that an older server allowed, or somebody else wrote there. */
export function rememberedNick() {
  const nick = attempt(() => localStorage.getItem(NICK)) ?? '';
  return nickProblem(nick) === undefined ? nick : undefined;
}

export function rememberNick(nick) {
  attempt(() => localStorage.setItem(NICK, nick));
}

/** Whether this browser was in a room. */
export function isKnownRoom(path) {
  return knownRooms().has(path);
}

/** Whether a room had a password when this browser was last in it. */
export function wasProtected(path) {
  return knownRooms().get(path) === true;
}

export function rememberRoom(path, isProtected) {
  const rooms = knownRooms();
  // To its end: the first ones are forgotten first.
  rooms.delete(path);
  rooms.set(path, isProtected);
  attempt(() => localStorage.setItem(ROOMS, JSON.stringify([...rooms].slice(-MOST_ROOMS))));
}

function knownRooms() {
  return attempt(() => new Map(JSON.parse(localStorage.getItem(ROOMS)))) ?? new Map();
}

/** A tab's memory of one room. */
export class TabMemory {
  #name;

  constructor(path) {
    this.#name = `roomchat ${path}`;
  }

  read() {
    return attempt(() => JSON.parse(sessionStorage.getItem(this.#name))) ?? {};
  }

  write(memory) {
    attempt(() => sessionStorage.setItem(this.#name, JSON.stringify(memory)));
  }
}

function attempt(access) {
  try {
    return access();
  } catch {
    return undefined;
  }
}
