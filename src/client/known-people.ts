// Which id somebody had who was heard of under a nick: what an owner wants done is done to whom they saw, also where that one
// has left meanwhile or goes by another nick. Forgets rather than guesses.

import { foldNick, type ServerLine } from '../protocol/index.ts';

/** Those heard of last: a bound on memory. */
const MOST_KNOWN = 1_000;

export class KnownPeople {
  /** By folded nick. */
  readonly #ids = new Map<string, string>();

  hear(line: ServerLine): void {
    switch (line.type) {
      case 'message':
      case 'joined':
      case 'renamed':
        this.#know(line.id, line.nick);
        break;
      case 'members':
        for (const { id, nick } of line.members) this.#know(id, nick);
        break;
      // Others have come and gone that were not named, and may have taken any nick.
      case 'crowd':
      case 'welcome':
        this.#ids.clear();
        break;
    }
  }

  /** Undefined for a nick that nobody was heard of under. */
  idOf(nick: string): string | undefined {
    return this.#ids.get(foldNick(nick));
  }

  #know(id: string, nick: string): void {
    const folded = foldNick(nick);
    this.#ids.delete(folded);
    this.#ids.set(folded, id);
    if (this.#ids.size <= MOST_KNOWN) return;
    const [oldest] = this.#ids.keys();
    if (oldest !== undefined) this.#ids.delete(oldest);
  }
}
