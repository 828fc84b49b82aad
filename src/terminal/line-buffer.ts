// The text that is being typed and the place in it. Pure: no keys, no screen.
// The cursor never stands inside of what a reader takes for one character.

import { exceedsBytes, MAX_TEXT_BYTES } from '../protocol/index.ts';
import { graphemesOf } from './cell-width.ts';

export class LineBuffer {
  #text = '';
  #cursor = 0;

  get text(): string {
    return this.#text;
  }

  /** In UTF-16 units of the text. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Replaces all; the cursor goes to the end. */
  set(text: string): void {
    this.#text = text;
    this.#cursor = text.length;
  }

  /** Puts `text` where the cursor is. False, and nothing done, where it would make a message too long to be sent. */
  insert(text: string): boolean {
    const longer = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    if (exceedsBytes(longer, MAX_TEXT_BYTES)) return false;
    this.#text = longer;
    // What is inserted may become one character with what follows it.
    this.#cursor = this.#boundaryFrom(this.#cursor + text.length);
    return true;
  }

  /** Puts `text` in place of what stands from `start` to the cursor. */
  replaceBack(start: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(this.#cursor);
    this.#cursor = start + text.length;
  }

  left(): void {
    this.#cursor = this.#before();
  }

  right(): void {
    this.#cursor = this.#after();
  }

  wordLeft(): void {
    this.#cursor = this.#wordBefore();
  }

  wordRight(): void {
    const word = /^[\p{Z}\p{C}\p{P}\p{S}]*[^\p{Z}\p{C}\p{P}\p{S}]*/u.exec(this.#text.slice(this.#cursor))?.[0] ?? '';
    this.#cursor = this.#boundaryFrom(this.#cursor + word.length);
  }

  home(): void {
    this.#cursor = 0;
  }

  end(): void {
    this.#cursor = this.#text.length;
  }

  eraseLeft(): void {
    this.replaceBack(this.#before(), '');
  }

  eraseRight(): void {
    this.#text = this.#text.slice(0, this.#cursor) + this.#text.slice(this.#after());
  }

  eraseWordLeft(): void {
    this.replaceBack(this.#wordBefore(), '');
  }

  eraseToStart(): void {
    this.replaceBack(0, '');
  }

  eraseToEnd(): void {
    this.#text = this.#text.slice(0, this.#cursor);
  }

  #before(): number {
    let before = 0;
    for (const { start } of graphemesOf(this.#text)) {
      if (start >= this.#cursor) break;
      before = start;
    }
    return before;
  }

  #after(): number {
    return this.#boundaryFrom(this.#cursor + 1);
  }

  /** The first place between two characters that is not before `at`. */
  #boundaryFrom(at: number): number {
    for (const { start } of graphemesOf(this.#text)) {
      if (start >= at) return start;
    }
    return this.#text.length;
  }

  #wordBefore(): number {
    const before = this.#text.slice(0, this.#cursor);
    // From the end backwards: a pattern that is tied to the end would be tried at every start.
    let at = before.length;
    while (at > 0 && /\s/.test(before[at - 1] ?? '')) at--;
    while (at > 0 && !/\s/.test(before[at - 1] ?? '')) at--;
    return at;
  }
}
