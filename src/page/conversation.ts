// The conversation on the screen: its rows, what is on its way, and how somebody hears of news who looks or listens
// elsewhere. Never asks the session for anything.

import type { DirectLine, LogLine, MessageLine } from '../protocol/index.ts';
import { counted, type Move } from '../view/index.ts';
import { Announcer } from './announcer.ts';
import { byId } from './elements.ts';
import { pendingRow, renderItem } from './rows.ts';
import { spoken } from './spoken.ts';
import { type Item, type MessageItem, Transcript } from './transcript.ts';
import { isLookedAt, Unread } from './unread.ts';
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
  readonly #isIgnored: (line: MessageLine) => boolean;
  #firstNew: MessageItem | undefined;
  /** The last line of the log that came, and the last that was before somebody's eyes. */
  #lastSeq = 0;
  #seenSeq: number | undefined;

  /** `onToEnd`: a person has jumped to the end. */
  constructor(title: string, isIgnored: (line: MessageLine) => boolean, onToEnd: () => void) {
    this.#isIgnored = isIgnored;
    this.#unread = new Unread(title, () => {
      if (!this.isHistory) this.#seenSeq = this.#lastSeq;
    });
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

  /** Nothing was said that is shown. */
  get isEmpty(): boolean {
    return this.#lastSeq === 0;
  }

  /** The line up to which all was seen; undefined as long as that is not known. */
  get seen(): number | undefined {
    return this.#seenSeq;
  }

  /** A replay begins; `sameLog`: it goes on where the last one ended. `seen`: the last line that was seen at an earlier visit. */
  replaying(sameLog: boolean, seen: number | undefined): void {
    if (sameLog) {
      if (this.#phase === 'live') this.#phase = 'catching up';
      return;
    }
    this.#phase = 'history';
    this.#lastSeq = 0;
    this.#seenSeq = seen;
    this.#firstNew = undefined;
    this.#transcript.clear();
    this.#list.clear();
    this.#list.hold();
  }

  live(): void {
    if (this.#missed > 0)
      this.#announcer.say(`${counted(this.#missed, 'message')} arrived while you were disconnected.`);
    this.#missed = 0;
    this.#phase = 'live';
    if (isLookedAt()) this.#seenSeq = this.#lastSeq;
    this.#list.release();
  }

  /** A line of the log; `nick` is what this page is called. */
  logged(line: LogLine, own: boolean, nick: string): void {
    this.#lastSeq = line.seq;
    if (line.type === 'message' && this.#isIgnored(line)) return;
    const isFirstNew = line.type === 'message' && !own && this.#isFirstNew(line.seq);
    this.#append(this.#transcript.logged(line, own, nick, isFirstNew));
    const { last } = this.#transcript;
    if (isFirstNew && last?.kind === 'message') this.#standsOut(last);
    if (this.#phase !== 'history' && isLookedAt()) this.#seenSeq = line.seq;
    if (this.#phase !== 'history' && !own) this.#news();
  }

  /** Takes out what was said by those who are ignored by now. */
  leaveOut(): void {
    this.#list.retain((item) => item.kind !== 'message' || !this.#isIgnored(item.line));
  }

  /** The places of the messages that have all these words, which are in lower case. */
  find(words: readonly string[]): number[] {
    return this.#list.find((item) => {
      if (item.kind !== 'message' && item.kind !== 'server') return false;
      const text = (item.kind === 'message' ? `${item.line.nick}: ${item.line.text}` : item.text).toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  show(place: number | undefined): void {
    this.#list.show(place);
  }

  /** Moves in the list as its own keys do; false for another key. */
  pressed(event: KeyboardEvent): boolean {
    return this.#list.pressed(event);
  }

  direct(line: DirectLine): void {
    this.#append(this.#transcript.direct(line));
    this.#news();
  }

  presence(move: Move): void {
    if (this.#phase === 'history') return;
    const { item, instead } = this.#transcript.presence(move);
    if (instead) this.#list.replaceLast(item);
    else this.#list.append([item]);
  }

  note(text: string): void {
    this.#list.append([this.#transcript.note(text)]);
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
    this.#list.append(items);
  }

  /** Of the past: the first after what was seen. Of what comes: the first while nobody looks, or was connected. */
  #isFirstNew(seq: number): boolean {
    if (this.#phase === 'history')
      return this.#firstNew === undefined && this.#seenSeq !== undefined && seq > this.#seenSeq;
    return this.#unread.count === 0 && (!isLookedAt() || (this.#phase === 'catching up' && this.#missed === 0));
  }

  /** There is one such line: the one before is done with. */
  #standsOut(item: MessageItem): void {
    if (this.#firstNew !== undefined) this.#list.replace(this.#firstNew, { ...this.#firstNew, isFirstNew: false });
    this.#firstNew = item;
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
