// Who is here: the list at the side. The server's answer to `who` is what counts; between two answers comings and goings
// are kept up with. Never asks by itself.

import { foldNick, type ShownLine } from '../protocol/index.ts';
import { grouped } from '../view/index.ts';
import { textOf } from './elements.ts';
import { nickElement } from './nick-element.ts';

/** Names in the document; a room of a thousand is not read name by name. */
const MOST_SHOWN = 200;

export class People {
  readonly #list: HTMLElement;
  /** The elements that say how many. */
  readonly #counts: Iterable<HTMLElement>;
  #members = new Map<string, string>();
  #present = 0;
  #ownId: string | undefined;
  #frame: number | undefined;

  constructor(list: HTMLElement, counts: Iterable<HTMLElement>) {
    this.#list = list;
    this.#counts = counts;
  }

  /** Takes up a line about who is here. */
  heard(line: ShownLine): void {
    switch (line.type) {
      case 'welcome':
        this.#ownId = line.id;
        this.#present = line.present;
        break;
      case 'members':
        this.#members = new Map(line.members.map(({ id, nick }) => [id, nick]));
        this.#present = line.present;
        break;
      case 'joined':
        if (!this.#members.has(line.id)) this.#present += 1;
        this.#members.set(line.id, line.nick);
        break;
      case 'left':
        this.#members.delete(line.id);
        this.#present -= 1;
        break;
      case 'renamed':
        this.#members.set(line.id, line.nick);
        break;
      default:
        return;
    }
    this.#drawSoon();
  }

  /** Those who are here, by name. */
  get nicks(): string[] {
    return [...this.#members.values()].sort((a, b) => a.localeCompare(b));
  }

  /** The ids of who is called so. */
  idsOf(nick: string): string[] {
    const folded = foldNick(nick);
    return [...this.#members].flatMap(([id, other]) => (foldNick(other) === folded ? [id] : []));
  }

  /** Nobody is known to be here any more. */
  clear(): void {
    this.#members.clear();
    this.#present = 0;
    this.#drawSoon();
  }

  #drawSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    for (const element of this.#counts) element.textContent = grouped(this.#present);
    const byName = [...this.#members].sort(([, a], [, b]) => a.localeCompare(b));
    const entries = byName.slice(0, MOST_SHOWN).map(([id, nick]) => this.#entry(id, nick));
    const rest = this.#present - entries.length;
    if (rest > 0 && entries.length > 0) entries.push(textOf('li', `and ${grouped(rest)} more`, 'more'));
    this.#list.replaceChildren(...entries);
  }

  #entry(id: string, nick: string): HTMLElement {
    const entry = textOf('li', '');
    entry.append(nickElement(nick));
    if (id === this.#ownId) entry.append(' ', textOf('span', 'you', 'you'));
    return entry;
  }
}
