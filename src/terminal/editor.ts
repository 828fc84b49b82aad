// What each key does to the line that is typed: editing, browsing the history, completing. Pure but for the history's
// file; it neither reads a terminal nor draws.

import { holdsSecret } from '../view/index.ts';
import type { InputHistory } from './input-history.ts';
import type { Action, Key } from './keys.ts';
import { LineBuffer } from './line-buffer.ts';

/** What could stand from `start` of the text up to the cursor. */
export interface Completion {
  readonly start: number;
  readonly candidates: readonly string[];
}

export type Completer = (beforeCursor: string) => Completion;

/** What a key comes to, beyond the line itself. `refused`: it could not be done. */
export type Outcome =
  | { readonly type: 'edited' | 'interrupt' | 'end' | 'clear' | 'suspend' }
  | { readonly type: 'submit'; readonly text: string }
  | { readonly type: 'refused'; readonly reason?: 'too long' };

const EDITED: Outcome = { type: 'edited' };
const REFUSED: Outcome = { type: 'refused' };

export class Editor {
  readonly #buffer = new LineBuffer();
  readonly #history: InputHistory;
  readonly #complete: Completer;
  /** Where in the history the shown line is; undefined while it is a new one. */
  #browsed: number | undefined;
  /** The new line, while an old one is shown in its place. */
  #draft = '';
  #cycle: (Completion & { readonly index: number }) | undefined;

  constructor(history: InputHistory, complete: Completer) {
    this.#history = history;
    this.#complete = complete;
  }

  get text(): string {
    return this.#buffer.text;
  }

  get cursor(): number {
    return this.#buffer.cursor;
  }

  /** Puts a text back that was submitted; false where something is being typed. */
  putBack(text: string): boolean {
    if (this.text !== '') return false;
    this.#reset();
    this.#buffer.set(text);
    return true;
  }

  press(key: Key): Outcome {
    if (key.type !== 'action' || key.action !== 'complete') this.#cycle = undefined;
    if (key.type !== 'action') return this.#buffer.insert(key.text) ? EDITED : { type: 'refused', reason: 'too long' };
    return this.#act(key.action);
  }

  #act(action: Action): Outcome {
    switch (action) {
      case 'submit':
        return this.#submit();
      case 'newline':
        return this.#buffer.insert('\n') ? EDITED : REFUSED;
      case 'complete':
        return this.#completeNext();
      case 'previous':
        return this.#browse(-1);
      case 'next':
        return this.#browse(1);
      case 'interrupt':
        if (this.text === '') return { type: 'interrupt' };
        this.#reset();
        return EDITED;
      case 'end-of-input':
        if (this.text === '') return { type: 'end' };
        this.#buffer.eraseRight();
        return EDITED;
      case 'clear':
      case 'suspend':
        return { type: action };
      default:
        EDITS[action](this.#buffer);
        return EDITED;
    }
  }

  #submit(): Outcome {
    const { text } = this;
    if (text.trim() !== '' && !holdsSecret(text)) this.#history.add(text);
    this.#reset();
    return { type: 'submit', text };
  }

  #reset(): void {
    this.#buffer.set('');
    this.#browsed = undefined;
    this.#draft = '';
  }

  #browse(step: 1 | -1): Outcome {
    const end = this.#history.length;
    const from = this.#browsed ?? end;
    const to = from + step;
    if (to < 0 || to > end) return REFUSED;
    if (from === end) this.#draft = this.text;
    this.#browsed = to === end ? undefined : to;
    this.#buffer.set(this.#history.at(to) ?? this.#draft);
    return EDITED;
  }

  /** The first Tab puts the first candidate, each further one the next. */
  #completeNext(): Outcome {
    const last = this.#cycle;
    const found =
      last === undefined
        ? { ...this.#complete(this.text.slice(0, this.cursor)), index: 0 }
        : { ...last, index: (last.index + 1) % last.candidates.length };
    const candidate = found.candidates[found.index];
    if (candidate === undefined) return REFUSED;
    this.#cycle = found;
    this.#buffer.replaceBack(found.start, candidate);
    return EDITED;
  }
}

type Edit = Exclude<
  Action,
  'submit' | 'newline' | 'complete' | 'previous' | 'next' | 'interrupt' | 'end-of-input' | 'clear' | 'suspend'
>;

const EDITS: Readonly<Record<Edit, (buffer: LineBuffer) => void>> = {
  left: (buffer) => buffer.left(),
  right: (buffer) => buffer.right(),
  'word-left': (buffer) => buffer.wordLeft(),
  'word-right': (buffer) => buffer.wordRight(),
  home: (buffer) => buffer.home(),
  end: (buffer) => buffer.end(),
  'erase-left': (buffer) => buffer.eraseLeft(),
  'erase-right': (buffer) => buffer.eraseRight(),
  'erase-word': (buffer) => buffer.eraseWordLeft(),
  'erase-to-start': (buffer) => buffer.eraseToStart(),
  'erase-to-end': (buffer) => buffer.eraseToEnd(),
};
