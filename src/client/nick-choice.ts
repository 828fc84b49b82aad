// Which nick a client asks for when it joins. Knows nothing of connections.

import { numberedNick } from '../protocol/index.ts';

export interface NickWish {
  readonly name: string;
  /** Whether a number may be put behind it where it is taken: for a name that the user did not choose. */
  readonly mayBeNumbered: boolean;
}

/** Beyond this a client lets the server choose. */
const HIGHEST_NUMBER = 99;

export class NickChoice {
  #mayBeNumbered: boolean;
  #base: string | undefined;
  #current: string | undefined;
  #number = 1;
  #settled: boolean;

  /** `settled`: the nick that this client had in the room before it was reloaded. */
  constructor(wish: NickWish | undefined, settled: string | undefined) {
    this.#mayBeNumbered = wish?.mayBeNumbered ?? true;
    this.#base = settled ?? wish?.name;
    this.#current = this.#base;
    this.#settled = settled !== undefined;
  }

  /** What to join with; undefined leaves it to the server. */
  get current(): string | undefined {
    return this.#current;
  }

  /** The nick that this client has had in the room. */
  get settled(): string | undefined {
    return this.#settled ? this.#current : undefined;
  }

  /** The server has given this nick. */
  settle(nick: string): void {
    this.#settled = true;
    this.#base ??= nick;
    this.#current = nick;
    this.#number = 1;
  }

  /** The user has chosen this one, and insists on it. */
  choose(nick: string): void {
    this.#mayBeNumbered = false;
    this.#base = nick;
    this.#current = nick;
  }

  /**
   * The current one is taken: moves to the next and says whether there is one. A nick that the user insists on has none
   * at first; but who once was in the room comes back under a number, as the server does it with those who resume.
   */
  next(): boolean {
    if (this.#current === undefined || this.#base === undefined) return false;
    if (!this.#mayBeNumbered && !this.#settled) return false;
    this.#number += 1;
    this.#current = this.#number > HIGHEST_NUMBER ? undefined : numberedNick(this.#base, this.#number);
    return true;
  }
}
