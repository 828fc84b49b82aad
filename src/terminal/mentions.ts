// Finds a nick in a text: as a whole word, in any case.

import { foldNick } from '../protocol/index.ts';

// The characters of nicks; punctuation at a word's ends may be the sentence's, so "bob." is bob too.
const WORD = /[\p{L}\p{Nd}\p{M}._-]+/gu;
const PUNCTUATION = '._-';

/** `text` with every mention of `nick` passed through `mark`. */
export function markMentions(text: string, nick: string, mark: (word: string) => string): string {
  const folded = foldNick(nick);
  return text.replace(WORD, (word) => {
    if (foldNick(word) === folded) return mark(word);
    const [start, end] = withoutPunctuation(word);
    const name = word.slice(start, end);
    return foldNick(name) === folded ? word.slice(0, start) + mark(name) + word.slice(end) : word;
  });
}

/** Where the word begins and ends, step by step: a pattern that is tied to the end would be tried at every start. */
function withoutPunctuation(word: string): [start: number, end: number] {
  let start = 0;
  let end = word.length;
  while (start < end && PUNCTUATION.includes(word.charAt(start))) start++;
  while (end > start && PUNCTUATION.includes(word.charAt(end - 1))) end--;
  return [start, end];
}

export function isMentioned(text: string, nick: string): boolean {
  let found = false;
  markMentions(text, nick, (word) => {
    found = true;
    return word;
  });
  return found;
}
