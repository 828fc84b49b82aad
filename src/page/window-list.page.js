// A list of which only the rows near the view are in the document, however long it is. It stays where the reader is:
// at the end while the end is in view, else at the row that was on top. Never looks into an item.

import { Heights } from './heights.page.js';

/** For rows that were never measured. Only the scroll bar's length depends on it. */
const USUAL_HEIGHT = 32;
/** Pixels drawn beyond the view, so that a turn of the wheel finds rows there. */
const MARGIN = 400;
/** So near to the end counts as there: a browser rounds. */
const NEAR = 24;
/** Measuring shows other rows, which have to be measured. It settles after two rounds; a bound is a bound. */
const MOST_ROUNDS = 5;

export class WindowList {
  #scroller;
  #canvas;
  #rows;
  #render;
  #onPlace;
  #items = [];
  #heights = new Heights();
  /** `{ at: 'end' }`, or `{ at: 'row', index, offset }`: the view's top is `offset` pixels into that row. */
  #place = { at: 'end' };
  /** The rows in the document, by index. */
  #shown = new Map();
  #frame;
  #held = false;
  #scrolledTo = 0;

  /**
   * `canvas` is as high as all rows and holds `rows`, the list element. `render(item)` makes a row; `onPlace(atEnd)` is
   * told where the reader is.
   */
  constructor({ scroller, canvas, rows }, render, onPlace) {
    this.#scroller = scroller;
    this.#canvas = canvas;
    this.#rows = rows;
    this.#render = render;
    this.#onPlace = onPlace;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    scroller.addEventListener('keydown', (event) => this.#pressed(event));
    new ResizeObserver(() => this.#draw()).observe(scroller);
  }

  get isAtEnd() {
    return this.#place.at === 'end';
  }

  append(item) {
    this.#items.push(item);
    this.#heights.push(USUAL_HEIGHT);
    this.draw();
  }

  replaceLast(item) {
    this.#items[this.#items.length - 1] = item;
    this.draw();
  }

  clear() {
    this.#items = [];
    this.#heights.clear();
    this.#place = { at: 'end' };
    this.draw();
  }

  /** Draws nothing until it is released: a long history is drawn once, at its end. */
  hold() {
    this.#held = true;
  }

  release() {
    this.#held = false;
    this.draw();
  }

  toEnd() {
    this.#stand({ at: 'end' });
    this.draw();
  }

  /** Draws before the browser does next, however many changes there are until then. */
  draw() {
    if (this.#held) return;
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    if (this.#held || this.#scroller.clientHeight === 0) return;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      this.#showRange(...this.#range());
      if (!this.#measure()) break;
    }
    this.#canvas.style.height = `${this.#heights.total}px`;
    this.#rows.style.transform = `translateY(${this.#heights.before(this.#firstShown())}px)`;
    this.#scrollTo(this.isAtEnd ? this.#scroller.scrollHeight - this.#scroller.clientHeight : this.#top());
  }

  #top() {
    const { at, index, offset } = this.#place;
    if (at === 'row') return this.#heights.before(index) + offset;
    return Math.max(0, this.#heights.total - this.#scroller.clientHeight);
  }

  #range() {
    const top = this.#top();
    return [this.#heights.at(top - MARGIN), this.#heights.at(top + this.#scroller.clientHeight + MARGIN)];
  }

  #firstShown() {
    return Math.min(...this.#shown.keys(), this.#items.length);
  }

  /** Puts exactly these rows into the document; those that are there already stay, and keep the focus. */
  #showRange(first, last) {
    for (const [index, { item, element }] of this.#shown) {
      if (index >= first && index <= last && item === this.#items[index]) continue;
      element.remove();
      this.#shown.delete(index);
    }
    let next = null;
    for (let index = Math.min(last, this.#items.length - 1); index >= first; index -= 1) {
      next = this.#rowAt(index, next);
    }
  }

  #rowAt(index, next) {
    let shown = this.#shown.get(index);
    if (shown === undefined) {
      const item = this.#items[index];
      shown = { item, element: this.#render(item) };
      shown.element.setAttribute('aria-posinset', index + 1);
      this.#shown.set(index, shown);
      this.#rows.insertBefore(shown.element, next);
    }
    shown.element.setAttribute('aria-setsize', this.#items.length);
    return shown.element;
  }

  #measure() {
    let changed = false;
    for (const [index, { element }] of this.#shown) {
      if (this.#heights.set(index, element.getBoundingClientRect().height)) changed = true;
    }
    return changed;
  }

  #scrollTo(top) {
    if (Math.abs(this.#scroller.scrollTop - top) >= 1) this.#scroller.scrollTop = top;
    this.#scrolledTo = this.#scroller.scrollTop;
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
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
  #pressed(event) {
    const { key, target, altKey, metaKey, shiftKey } = event;
    if (target !== this.#scroller || altKey || metaKey || shiftKey) return;
    const isLonger = this.#heights.total > this.#scroller.clientHeight;
    if (key === 'Home' && isLonger) this.#stand({ at: 'row', index: 0, offset: 0 });
    else if (key === 'End') this.#stand({ at: 'end' });
    else return;
    event.preventDefault();
    this.draw();
  }

  #stand(place) {
    this.#place = place;
    this.#onPlace(this.isAtEnd);
  }
}
