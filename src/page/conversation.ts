// The conversation on the screen: its rows, what is on its way, and how somebody hears of news who looks or listens
// elsewhere. Never asks the session for anything.

import type { DirectLine, LogLine } from '../protocol/index.ts';
import { counted, type Move } from '../view/index.ts';
import { Announcer } from './announcer.ts';
import { byId } from './elements.ts';
import { pendingRow, renderItem } from './rows.ts';
import { spoken } from './spoken.ts';
import { type Item, Transcript } from './transcript.ts';
import { Unread } from './unread.ts';
import { WindowList } from './window-list.ts';

export class Conversation {
  readonly #transcript = new Transcript();
  readonly #list: WindowList<Item>;
  readonly #pending = byId('pending', HTMLElement);
  readonly #announcer = new Announcer(byId('announcements', HTMLElement));
  readonly #unread: Unread;
  readonly #toEnd = byId('to-end', HTMLButtonElement);
  /**
   * `history` until the room is live: what comes then is not news. `catching up` after a lost connection: what comes then
   * is news, and counted instead of read aloud. `live`.
   */
  #phase: 'history' | 'catching up' | 'live' = 'history';
  #missed = 0;
  #newBelow = 0;

  /** `onToEnd`: a person has jumped to the end. */
  constructor(title: string, onToEnd: () => void) {
    this.#unread = new Unread(title);
    this.#list = new WindowList<Item>({
      scroller: byId('messages', HTMLElement),
      canvas: byId('canvas', HTMLElement),
      rows: byId('rows', HTMLElement),
      render: renderItem,
      onPlace: (atEnd) => this.#stands(atEnd),
    });
    this.#toEnd.addEventListener('click', () => {
      this.toEnd();
      onToEnd();
    });
  }

  get isHistory(): boolean {
    return this.#phase === 'history';
  }

  /** A replay begins; `sameLog`: it goes on where the last one ended. */
  replaying(sameLog: boolean): void {
    if (sameLog) {
      if (this.#phase === 'live') this.#phase = 'catching up';
      return;
    }
    this.#phase = 'history';
    this.#transcript.clear();
    this.#list.clear();
    this.#list.hold();
  }

  live(): void {
    if (this.#missed > 0)
      this.#announcer.say(`${counted(this.#missed, 'message')} arrived while you were disconnected.`);
    this.#missed = 0;
    this.#phase = 'live';
    this.#list.release();
  }

  /** A line of the log; `nick` is what this page is called. */
  logged(line: LogLine, own: boolean, nick: string): void {
    this.#append(this.#transcript.logged(line, own, nick));
    if (this.#phase !== 'history' && !own) this.#news();
  }

  direct(line: DirectLine): void {
    this.#append(this.#transcript.direct(line));
    this.#news();
  }

  presence(move: Move): void {
    if (this.#phase === 'history') return;
    const { item, instead } = this.#transcript.presence(move);
    if (instead) this.#list.replaceLast(item);
    else this.#list.append(item);
  }

  note(text: string): void {
    this.#list.append(this.#transcript.note(text));
  }

  /** What the room does not have yet. */
  pending(messages: readonly { readonly text: string }[]): void {
    this.#pending.replaceChildren(...messages.map(({ text }) => pendingRow(text)));
    this.#list.draw();
  }

  toEnd(): void {
    this.#list.toEnd();
  }

  #append(items: readonly Item[]): void {
    this.#list.append(...items);
  }

  #news(): void {
    this.#unread.arrived();
    if (this.#phase === 'catching up') this.#missed += 1;
    else this.#announcer.say(spoken(this.#transcript.last) ?? '');
    if (!this.#list.isAtEnd) this.#newBelow += 1;
    this.#stands(this.#list.isAtEnd);
  }

  #stands(atEnd: boolean): void {
    if (atEnd) this.#newBelow = 0;
    this.#toEnd.hidden = atEnd;
    this.#toEnd.textContent = this.#newBelow === 0 ? 'Jump to latest' : counted(this.#newBelow, 'new message');
  }
}
