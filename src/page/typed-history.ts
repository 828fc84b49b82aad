// What was typed before, for Up and Down in an empty field. It goes with the page, and is never kept anywhere.

const MOST_KEPT = 100;

export class TypedHistory {
  #texts: string[] = [];
  /** Of the text that is shown; behind the last: none. */
  #at = 0;

  add(text: string): void {
    if (text !== this.#texts.at(-1)) this.#texts = [...this.#texts, text].slice(-MOST_KEPT);
    this.#at = this.#texts.length;
  }

  /** The text that takes the place of `value`; undefined where something else is being written, or there is none. */
  move(value: string, step: -1 | 1): string | undefined {
    if (value !== (this.#texts[this.#at] ?? '')) {
      if (value !== '') return undefined;
      this.#at = this.#texts.length;
    }
    const at = this.#at + step;
    if (at < 0 || at > this.#texts.length) return undefined;
    this.#at = at;
    return this.#texts[at] ?? '';
  }
}
