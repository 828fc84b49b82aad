// Turns what the room says into the items of the list, in order: where a day begins, which messages belong together,
// and joins and leaves in a row as one. Items are values that never change. Knows nothing of how things look.

import type { DirectLine, LogLine, MessageLine } from '../protocol/index.ts';
import { dayOf, isMentioned, type Move } from '../view/index.ts';

/** Messages of one author within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000;
/** Comings and goings kept for one item. */
const MOST_MOVES = 200;

export interface MessageItem {
  readonly kind: 'message';
  readonly line: MessageLine;
  readonly own: boolean;
  /** The nick that it calls me by, where it mentions me. */
  readonly mentioned: string | undefined;
  /** Stands under the same name as the one before. */
  readonly continues: boolean;
  /** The first one that nobody here has seen. */
  readonly isFirstNew: boolean;
}

export interface ServerItem {
  readonly kind: 'server';
  readonly at: number;
  readonly text: string;
  readonly toMe: boolean;
}

export type Item =
  | MessageItem
  | ServerItem
  | { readonly kind: 'presence'; readonly moves: readonly Move[] }
  | { readonly kind: 'day' | 'note'; readonly text: string };

export class Transcript {
  #day: string | undefined;
  #last: Item | undefined;

  /** The item that came last. */
  get last(): Item | undefined {
    return this.#last;
  }

  /** The items to append for a line of the log. `nick` is what this page is called. */
  logged(line: LogLine, own: boolean, nick: string, isFirstNew = false): Item[] {
    if (line.type === 'notice') return this.#server(line, false);
    const mentioned = !own && isMentioned(line.text, nick) ? nick : undefined;
    const day = this.#newDay(line.at);
    const continues = day.length === 0 && !isFirstNew && this.#continues(line);
    const item: Item = { kind: 'message', line, own, mentioned, continues, isFirstNew };
    this.#last = item;
    return [...day, item];
  }

  direct(line: DirectLine): Item[] {
    return this.#server(line, true);
  }

  /**
   * What a coming or going adds: `instead` tells that the item takes the place of the last one. Between the lines of a
   * replay it opens no day: the days would go back and forth.
   */
  presence(move: Move): { readonly item: Item; readonly instead: boolean } {
    const last = this.#last;
    const before = last?.kind === 'presence' ? last.moves.slice(1 - MOST_MOVES) : [];
    const item: Item = { kind: 'presence', moves: [...before, move] };
    this.#last = item;
    return { item, instead: last?.kind === 'presence' };
  }

  note(text: string): Item {
    const item: Item = { kind: 'note', text };
    this.#last = item;
    return item;
  }

  clear(): void {
    this.#day = undefined;
    this.#last = undefined;
  }

  #server({ at, text }: Pick<DirectLine, 'at' | 'text'>, toMe: boolean): Item[] {
    const item: Item = { kind: 'server', at, text, toMe };
    this.#last = item;
    return [...this.#newDay(at), item];
  }

  #newDay(at: number): Item[] {
    const day = dayOf(at);
    if (day === undefined || day === this.#day) return [];
    this.#day = day;
    return [{ kind: 'day', text: day }];
  }

  #continues({ id, nick, at }: MessageLine): boolean {
    if (this.#last?.kind !== 'message') return false;
    const { line } = this.#last;
    return line.id === id && line.nick === nick && at - line.at < TOGETHER_MS;
  }
}
