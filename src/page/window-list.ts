// A list of which only the rows near the view are in the document, however long it is. It stays where the reader is:
// at the end while the end is in view, else at the row that was on top. Never looks into an item.

import { Heights } from './heights.ts';

/** For rows that were never measured. Only the scroll bar's length depends on it. */
const USUAL_HEIGHT = 32;
/** Pixels drawn beyond the view, so that a turn of the wheel finds rows there. */
const MARGIN = 400;
/** So near to the end counts as there: a browser rounds. */
const NEAR = 24;
/** Measuring shows other rows, which have to be measured. It settles after two rounds; a bound is a bound. */
const MOST_ROUNDS = 5;

export interface WindowListOptions<Item> {
  readonly scroller: HTMLElement;
  /** As high as all rows; it holds `rows`, the list element. */
  readonly canvas: HTMLElement;
  readonly rows: HTMLElement;
  readonly render: (item: Item) => HTMLElement;
  /** Told where the reader is. */
  readonly onPlace: (atEnd: boolean) => void;
}

/** The view's top is `offset` pixels into the row. */
type Place = { readonly at: 'end' } | { readonly at: 'row'; readonly index: number; readonly offset: number };

interface Shown<Item> {
  readonly item: Item;
  readonly element: HTMLElement;
}

export class WindowList<Item> {
  readonly #options: WindowListOptions<Item>;
  readonly #heights = new Heights();
  #items: Item[] = [];
  #place: Place = { at: 'end' };
  /** The rows in the document, by index. */
  readonly #shown = new Map<number, Shown<Item>>();
  #frame: number | undefined;
  #held = false;
  #scrolledTo = 0;

  constructor(options: WindowListOptions<Item>) {
    this.#options = options;
    const { scroller } = options;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    scroller.addEventListener('keydown', (event) => this.#pressed(event));
    new ResizeObserver(() => this.#draw()).observe(scroller);
  }

  get isAtEnd(): boolean {
    return this.#place.at === 'end';
  }

  append(...items: readonly Item[]): void {
    for (const item of items) {
      this.#items.push(item);
      this.#heights.push(USUAL_HEIGHT);
    }
    this.draw();
  }

  replaceLast(item: Item): void {
    this.#items[this.#items.length - 1] = item;
    this.draw();
  }

  clear(): void {
    this.#items = [];
    this.#heights.clear();
    this.#place = { at: 'end' };
    this.draw();
  }

  /** Draws nothing until it is released: a long history is drawn once, at its end. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.draw();
  }

  toEnd(): void {
    this.#stand({ at: 'end' });
    this.draw();
  }

  /** Draws before the browser does next, however many changes there are until then. */
  draw(): void {
    if (!this.#held) this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const { scroller, canvas, rows } = this.#options;
    if (this.#held || scroller.clientHeight === 0) return;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      this.#showRange();
      if (!this.#measure()) break;
    }
    canvas.style.height = `${this.#heights.total}px`;
    rows.style.transform = `translateY(${this.#heights.before(this.#firstShown())}px)`;
    this.#scrollTo(this.isAtEnd ? scroller.scrollHeight - scroller.clientHeight : this.#top());
  }

  #top(): number {
    const place = this.#place;
    if (place.at === 'row') return this.#heights.before(place.index) + place.offset;
    return Math.max(0, this.#heights.total - this.#options.scroller.clientHeight);
  }

  #firstShown(): number {
    return Math.min(...this.#shown.keys(), this.#items.length);
  }

  /** Puts exactly the rows near the view into the document; those that are there already stay, and keep the focus. */
  #showRange(): void {
    const top = this.#top();
    const first = this.#heights.at(top - MARGIN);
    const last = this.#heights.at(top + this.#options.scroller.clientHeight + MARGIN);
    for (const [index, { item, element }] of this.#shown) {
      if (index >= first && index <= last && item === this.#items[index]) continue;
      element.remove();
      this.#shown.delete(index);
    }
    const wanted = this.#items.slice(first, last + 1);
    let next: HTMLElement | null = null;
    for (const [i, item] of [...wanted.entries()].reverse()) next = this.#rowAt(first + i, item, next);
  }

  #rowAt(index: number, item: Item, next: HTMLElement | null): HTMLElement {
    const shown = this.#shown.get(index);
    const element = shown?.element ?? this.#options.render(item);
    if (shown === undefined) {
      element.setAttribute('aria-posinset', String(index + 1));
      this.#shown.set(index, { item, element });
      this.#options.rows.insertBefore(element, next);
    }
    element.setAttribute('aria-setsize', String(this.#items.length));
    return element;
  }

  #measure(): boolean {
    let changed = false;
    for (const [index, { element }] of this.#shown) {
      if (this.#heights.set(index, element.getBoundingClientRect().height)) changed = true;
    }
    return changed;
  }

  #scrollTo(top: number): void {
    const { scroller } = this.#options;
    if (Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
    this.#scrolledTo = scroller.scrollTop;
  }

  #scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#options.scroller;
    // What this list did itself is not the reader's doing.
    if (Math.abs(scrollTop - this.#scrolledTo) < 1) return;
    this.#scrolledTo = scrollTop;
    if (scrollTop + clientHeight >= scrollHeight - NEAR) {
      this.#stand({ at: 'end' });
    } else {
      const index = this.#heights.at(scrollTop);
      this.#stand({ at: 'row', index, offset: scrollTop - this.#heights.before(index) });
    }
    this.#draw();
  }

  /** To the very ends. The browser's own way there takes a while, and measuring the rows that come into view would end it. */
  #pressed(event: KeyboardEvent): void {
    const { key, target, altKey, metaKey, shiftKey } = event;
    const { scroller } = this.#options;
    if (target !== scroller || altKey || metaKey || shiftKey) return;
    const isLonger = this.#heights.total > scroller.clientHeight;
    if (key === 'Home' && isLonger) this.#stand({ at: 'row', index: 0, offset: 0 });
    else if (key === 'End') this.#stand({ at: 'end' });
    else return;
    event.preventDefault();
    this.draw();
  }

  #stand(place: Place): void {
    this.#place = place;
    this.#options.onPlace(this.isAtEnd);
  }
}
