// What Tab completes in a message: the nick that a word begins, and the next one that fits when it is pressed again. Never
// changes anything but that word.

import { foldNick } from '../protocol/index.ts';

export interface Completed {
  readonly value: string;
  readonly caret: number;
}

interface Offer {
  readonly start: number;
  readonly candidates: readonly string[];
  readonly taken: number;
  readonly completed: Completed;
}

export class NickCompletion {
  #last: Offer | undefined;

  /** `nicks` in the order of their offering. Undefined where there is nothing to complete. */
  next(value: string, caret: number, nicks: Iterable<string>): Completed | undefined {
    const { start, candidates, taken } = this.#again(value, caret) ?? begin(value, caret, nicks);
    const nick = candidates[taken];
    if (nick === undefined) return undefined;
    const word = nick + (start === 0 ? ': ' : ' ');
    const completed = { value: value.slice(0, start) + word + value.slice(caret), caret: start + word.length };
    this.#last = { start, candidates, taken, completed };
    return completed;
  }

  /** The next of the same, if this is what was completed last. */
  #again(value: string, caret: number): Omit<Offer, 'completed'> | undefined {
    const last = this.#last;
    if (last === undefined || last.completed.value !== value || last.completed.caret !== caret) return undefined;
    return { ...last, taken: (last.taken + 1) % last.candidates.length };
  }
}

function begin(value: string, caret: number, nicks: Iterable<string>): Omit<Offer, 'completed'> {
  let start = caret;
  while (start > 0 && value.charAt(start - 1).trim() !== '') start -= 1;
  const typed = foldNick(value.slice(start, caret).replace(/^@/, ''));
  const candidates = typed === '' ? [] : [...nicks].filter((nick) => foldNick(nick).startsWith(typed));
  return { start, candidates, taken: 0 };
}
