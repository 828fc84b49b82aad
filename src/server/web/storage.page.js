// What outlives a page: the nick for this browser, and for this tab who it is in the room and what it has not seen back.
// Never holds a password. Where a browser keeps nothing, a reload joins anew and all else works.

import { nickProblem } from './names.page.js';

const NICK = 'roomchat nick';

/** Undefined also for one that an older server allowed, or somebody else wrote there. */
export function rememberedNick() {
  const nick = attempt(() => localStorage.getItem(NICK)) ?? '';
  return nickProblem(nick) === undefined ? nick : undefined;
}

export function rememberNick(nick) {
  attempt(() => localStorage.setItem(NICK, nick));
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
