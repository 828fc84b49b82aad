// Who is here: the list at the side, which is a drawer on a narrow screen. The server's answer to `who` is what counts;
// between two answers comings and goings are kept up with.

import { nickOf, textOf } from './rows.page.js';
import { grouped } from './words.page.js';

/** Names in the document; a room of a thousand is not read name by name. */
const MOST_SHOWN = 200;

export class People {
  #members = new Map();
  #present = 0;
  #list;
  #counts;
  #ownId;
  #frame;

  /** `counts` are the elements that say how many. */
  constructor(list, counts) {
    this.#list = list;
    this.#counts = counts;
  }

  entered({ id, present }) {
    this.#ownId = id;
    this.#present = present;
    this.#drawSoon();
  }

  /** Takes up a line about who is here. */
  told(line) {
    switch (line.type) {
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

  #drawSoon() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  #draw() {
    for (const element of this.#counts) element.textContent = grouped(this.#present);
    const byName = [...this.#members].sort(([, a], [, b]) => a.localeCompare(b));
    const shown = byName.slice(0, MOST_SHOWN).map(([id, nick]) => this.#entry(id, nick));
    const rest = this.#present - shown.length;
    if (rest > 0 && shown.length > 0) shown.push(textOf('li', `and ${grouped(rest)} more`, 'more'));
    this.#list.replaceChildren(...shown);
  }

  #entry(id, nick) {
    const entry = textOf('li', '');
    entry.append(nickOf({ nick }));
    if (id === this.#ownId) entry.append(' ', textOf('span', 'you', 'you'));
    return entry;
  }
}

/** The drawer: on a wide screen the list is simply there. While it is open over the room, the room is out of reach. */
export class Drawer {
  #panel;
  #opener;
  #behind;

  constructor({ panel, opener, closer, shade, behind }) {
    this.#panel = panel;
    this.#opener = opener;
    this.#behind = behind;
    opener.addEventListener('click', () => this.#open());
    closer.addEventListener('click', () => this.#close());
    shade.addEventListener('click', () => this.#close());
    panel.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#close();
    });
    // Turned or widened, there is no drawer any more.
    matchMedia('(min-width: 56rem)').addEventListener('change', () => this.#show(false));
  }

  #open() {
    this.#show(true);
    this.#panel.focus();
  }

  #close() {
    const wasOpen = this.#panel.classList.contains('open');
    this.#show(false);
    if (wasOpen) this.#opener.focus();
  }

  #show(isOpen) {
    this.#panel.classList.toggle('open', isOpen);
    this.#opener.setAttribute('aria-expanded', isOpen);
    for (const element of this.#behind) element.inert = isOpen;
  }
}
