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
/** Of the view's height, for a key that turns pages. */
const PAGE = 0.9;

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
  #isPrinting = false;
  /** Of the row that stands out. */
  #found: number | undefined;
  #scrolledTo = 0;

  constructor(options: WindowListOptions<Item>) {
    this.#options = options;
    const { scroller } = options;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    scroller.addEventListener('keydown', (event) => {
      if (event.target === scroller) this.pressed(event);
    });
    new ResizeObserver(() => this.#draw()).observe(scroller);
    // On paper stands all there is.
    for (const [name, isPrinting] of [
      ['beforeprint', true],
      ['afterprint', false],
    ] as const) {
      addEventListener(name, () => {
        this.#isPrinting = isPrinting;
        this.#draw();
      });
    }
  }

  get isAtEnd(): boolean {
    return this.#place.at === 'end';
  }

  append(items: readonly Item[]): void {
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

  /** Puts `item` in the place of one that is there, if it still is. */
  replace(old: Item, item: Item): void {
    const index = this.#items.lastIndexOf(old);
    if (index !== -1) this.#items[index] = item;
    this.draw();
  }

  /** Leaves out what does not pass. */
  retain(test: (item: Item) => boolean): void {
    const kept = this.#items.filter(test);
    this.clear();
    this.append(kept);
  }

  /** The places of what passes. */
  find(test: (item: Item) => boolean): number[] {
    return this.#items.flatMap((item, index) => (test(item) ? [index] : []));
  }

  /** Goes to a row, which stands out from then on; without one, none does. */
  show(index: number | undefined): void {
    this.#found = index;
    if (index !== undefined) this.#stand({ at: 'row', index, offset: -this.#options.scroller.clientHeight / 3 });
    this.draw();
  }

  clear(): void {
    this.#items = [];
    this.#found = undefined;
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
      if (this.#isPrinting || !this.#measure()) break;
    }
    canvas.style.height = this.#isPrinting ? 'auto' : `${this.#heights.total}px`;
    rows.style.transform = this.#isPrinting ? 'none' : `translateY(${this.#heights.before(this.#firstShown())}px)`;
    if (!this.#isPrinting) this.#scrollTo(this.isAtEnd ? scroller.scrollHeight - scroller.clientHeight : this.#top());
  }

  #top(): number {
    const place = this.#place;
    if (place.at === 'row') return Math.max(0, this.#heights.before(place.index) + place.offset);
    return Math.max(0, this.#heights.total - this.#options.scroller.clientHeight);
  }

  #firstShown(): number {
    return Math.min(...this.#shown.keys(), this.#items.length);
  }

  /** Puts exactly the rows near the view into the document; those that are there already stay, and keep the focus. */
  #showRange(): void {
    const [first, last] = this.#isPrinting ? [0, this.#items.length - 1] : this.#nearView();
    for (const [index, { item, element }] of this.#shown) {
      if (index >= first && index <= last && item === this.#items[index]) continue;
      element.remove();
      this.#shown.delete(index);
    }
    const wanted = this.#items.slice(first, last + 1);
    let next: HTMLElement | null = null;
    for (const [i, item] of [...wanted.entries()].reverse()) next = this.#rowAt(first + i, item, next);
  }

  #nearView(): [first: number, last: number] {
    const top = this.#top();
    const bottom = top + this.#options.scroller.clientHeight;
    return [this.#heights.at(top - MARGIN), this.#heights.at(bottom + MARGIN)];
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
    element.classList.toggle('found', index === this.#found);
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

  /**
   * Does what a key asks for, and says whether it asks for anything. To the very ends: the browser's own way there takes a
   * while, and measuring the rows that come into view would end it.
   */
  pressed(event: KeyboardEvent): boolean {
    const { key, altKey, metaKey, shiftKey } = event;
    const { scroller } = this.#options;
    if (altKey || metaKey || shiftKey) return false;
    const isLonger = this.#heights.total > scroller.clientHeight;
    if (key === 'Home' && isLonger) this.#stand({ at: 'row', index: 0, offset: 0 });
    else if (key === 'End') this.#stand({ at: 'end' });
    else if (key === 'PageUp' || key === 'PageDown') {
      scroller.scrollBy({ top: (key === 'PageUp' ? -PAGE : PAGE) * scroller.clientHeight });
    } else return false;
    event.preventDefault();
    this.draw();
    return true;
  }

  #stand(place: Place): void {
    this.#place = place;
    this.#options.onPlace(this.isAtEnd);
  }
}
