// What is shown above the input line for as long as it holds: what goes on just now, and the messages that were sent
// and have no receipt yet.

import { grouped } from '../view/index.ts';
import { oneRow, type Row } from './layout.ts';
import type { Style } from './style.ts';

/** More than these are counted, so that the room itself keeps the screen. */
const MAX_SHOWN = 5;

export class Waiting {
  readonly #sent = new Map<string, string>();

  add(ref: string, text: string): void {
    this.#sent.set(ref, text);
  }

  /** The text that was sent under `ref`, which waits no longer; undefined where none does. */
  take(ref: string | undefined): string | undefined {
    if (ref === undefined) return undefined;
    const text = this.#sent.get(ref);
    this.#sent.delete(ref);
    return text;
  }

  rows(status: string | undefined, nick: string, columns: number, style: Style): Row[] {
    const texts = [...this.#sent.values()].slice(-MAX_SHOWN);
    const earlier = this.#sent.size - texts.length;
    return [
      ...(status === undefined ? [] : [`-- ${status}`]),
      ...(earlier === 0 ? [] : [`… ${grouped(earlier)} more not sent yet`]),
      ...texts.map((text) => `… ${nick}: ${text}`),
    ].map((text) => {
      const row = oneRow(text, columns);
      return { text: style.dim(row.text), width: row.width };
    });
  }
}
