// Search in what the page has of the room, which is all of it but for the oldest lines of a very long one: the browser's own
// search finds only the rows that are drawn. Never asks the server.

import { grouped } from '../view/index.ts';
import { wordsOf } from './search-words.ts';

export interface SearchParts {
  readonly opener: HTMLElement;
  readonly form: HTMLFormElement;
  readonly field: HTMLInputElement;
  readonly count: HTMLElement;
  readonly newer: HTMLElement;
  readonly closer: HTMLElement;
}

export interface SearchEvents {
  /** The places, in order, where all these words are. */
  readonly find: (words: readonly string[]) => readonly number[];
  readonly show: (place: number | undefined) => void;
  readonly onClosed: () => void;
}

/** Gives these parts their life. */
export function makeSearch(parts: SearchParts, { find, show, onClosed }: SearchEvents): void {
  const { opener, form, field, count, newer, closer } = parts;
  let found: readonly number[] = [];
  let at = 0;
  const go = (to: number): void => {
    at = found.length === 0 ? 0 : (to + found.length) % found.length;
    count.textContent = found.length === 0 ? 'Nothing found' : `${grouped(at + 1)} of ${grouped(found.length)}`;
    show(found[at]);
  };
  const search = (): void => {
    const words = wordsOf(field.value);
    found = words.length === 0 ? [] : find(words);
    // The latest first: what is searched for was mostly said lately.
    go(found.length - 1);
    if (words.length === 0) count.textContent = '';
  };
  const close = (): void => {
    form.hidden = true;
    field.value = '';
    search();
    onClosed();
  };
  opener.addEventListener('click', () => {
    if (!form.hidden) return close();
    form.hidden = false;
    field.focus();
  });
  field.addEventListener('input', search);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go(at - 1);
  });
  newer.addEventListener('click', () => go(at + 1));
  closer.addEventListener('click', close);
  form.addEventListener('keydown', (event) => {
    const { key, shiftKey, target } = event;
    if (key === 'Escape') close();
    if (key !== 'Enter' || !shiftKey || target !== field) return;
    event.preventDefault();
    go(at + 1);
  });
}
