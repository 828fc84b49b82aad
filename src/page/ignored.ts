// Whom this browser does not want to hear: by id and by nick, so that neither another name nor another id helps. It is this
// browser's own affair: nobody else learns of it, and nothing is kept but ids and nicks.

import { foldNick } from '../protocol/index.ts';
import { attempt } from './storage.ts';

const IGNORED = 'roomchat ignored';
/** Those ignored last: a bound for the browser's storage. */
const MOST_IGNORED = 200;

/** Somebody's nick, and the ids that it was seen with. */
type Entry = readonly [nick: string, ...ids: string[]];

export class Ignored {
  #entries: readonly Entry[] = attempt(() => entriesOf(JSON.parse(localStorage.getItem(IGNORED) ?? '[]'))) ?? [];
  #names = new Set<string>();

  constructor() {
    this.#index();
  }

  get nicks(): string[] {
    return this.#entries.map(([nick]) => nick);
  }

  has({ id, nick }: { readonly id: string; readonly nick: string }): boolean {
    return this.#names.size > 0 && (this.#names.has(` ${id}`) || this.#names.has(foldNick(nick)));
  }

  /** `ids` of those who are called so now. */
  add(nick: string, ids: readonly string[]): void {
    this.#keep([...this.#without(nick), [nick, ...ids]]);
  }

  /** Says whether it was there. */
  remove(nick: string): boolean {
    const rest = this.#without(nick);
    const was = rest.length < this.#entries.length;
    this.#keep(rest);
    return was;
  }

  #without(nick: string): Entry[] {
    return this.#entries.filter(([other]) => foldNick(other) !== foldNick(nick));
  }

  #keep(entries: readonly Entry[]): void {
    this.#entries = entries.slice(-MOST_IGNORED);
    this.#index();
    attempt(() => localStorage.setItem(IGNORED, JSON.stringify(this.#entries)));
  }

  /** No nick has a blank, so that an id behind one is never taken for a nick. */
  #index(): void {
    this.#names = new Set(this.#entries.flatMap(([nick, ...ids]) => [foldNick(nick), ...ids.map((id) => ` ${id}`)]));
  }
}

/** Of whatever stands there. */
function entriesOf(stored: unknown): Entry[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter(
    (entry): entry is Entry => Array.isArray(entry) && entry.every((s) => typeof s === 'string') && entry.length > 0,
  );
}
