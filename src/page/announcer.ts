// What a screen reader says of new messages. Only what is new is announced: a history is never read aloud.

import { textOf } from './elements.ts';

/** Announcements kept in the document: enough for a burst, and few for who walks through the page. */
const MOST_ANNOUNCED = 20;

export class Announcer {
  readonly #log: HTMLElement;

  constructor(log: HTMLElement) {
    this.#log = log;
  }

  say(text: string): void {
    this.#log.append(textOf('p', text));
    while (this.#log.childElementCount > MOST_ANNOUNCED) this.#log.firstElementChild?.remove();
  }
}
