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
  private base: string | undefined;
  private number = 1;
  private settled = false;
  /** What to join with; undefined leaves it to the server. */
  current: string | undefined;

  constructor(private readonly wish: NickWish | undefined) {
    this.base = wish?.name;
    this.current = wish?.name;
  }

  /** The server has given this nick. */
  settle(nick: string): void {
    this.settled = true;
    this.base ??= nick;
    this.current = nick;
    this.number = 1;
  }

  rename(nick: string): void {
    this.base = nick;
    this.current = nick;
  }

  /**
   * The current one is taken: moves to the next and says whether there is one. A nick that the user insists on has none
   * at first; but who once was in the room comes back under a number, as the server does it with those who resume.
   */
  next(): boolean {
    if (this.current === undefined || this.base === undefined) return false;
    if (this.wish?.mayBeNumbered === false && !this.settled) return false;
    this.number += 1;
    this.current = this.number > HIGHEST_NUMBER ? undefined : numberedNick(this.base, this.number);
    return true;
  }
}
