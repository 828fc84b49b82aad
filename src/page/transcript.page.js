// Turns what the room says into the items of the list, in order: where a day begins, which messages belong together,
// and joins and leaves in a row as one. Items are values that never change. Knows nothing of how things look.

import { isMentioned } from './mentions.page.js';
import { dayOf } from './words.page.js';

/** Messages of one author within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000;
/** Comings and goings kept for one item. */
const MOST_MOVES = 200;

export class Transcript {
  #day;
  #last;

  /** The item that came last. */
  get last() {
    return this.#last;
  }

  /** The items to append for a line of the log. `nick` is what this page is called. */
  logged(line, own, nick) {
    const item =
      line.type === 'notice'
        ? { kind: 'server', at: line.at, text: line.text, toMe: false }
        : { kind: 'message', line, own, mentions: !own && isMentioned(line.text, nick) ? nick : undefined };
    return this.#withDay(line.at, { ...item, continues: this.#continues(item) });
  }

  direct({ at, text }) {
    return this.#withDay(at, { kind: 'server', at, text, toMe: true });
  }

  /**
   * What a coming or going adds: `instead` tells that the item takes the place of the last one. Between the lines of a
   * replay it opens no day: the days would go back and forth.
   */
  presence(move) {
    const last = this.#last;
    const instead = last?.kind === 'presence';
    const item = { kind: 'presence', moves: instead ? [...last.moves.slice(1 - MOST_MOVES), move] : [move] };
    this.#last = item;
    return { item, instead };
  }

  note(text) {
    const item = { kind: 'note', text };
    this.#last = item;
    return item;
  }

  clear() {
    this.#day = undefined;
    this.#last = undefined;
  }

  #withDay(at, item) {
    this.#last = item;
    const day = dayOf(at);
    if (day === undefined || day === this.#day) return [item];
    this.#day = day;
    return [
      { kind: 'day', text: day },
      { ...item, continues: false },
    ];
  }

  #continues(item) {
    const last = this.#last;
    if (item.kind !== 'message' || last?.kind !== 'message') return false;
    const { id, nick, at } = last.line;
    return item.line.id === id && item.line.nick === nick && item.line.at - at < TOGETHER_MS;
  }
}
