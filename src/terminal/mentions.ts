// Finds a nick in a text: as a whole word, in any case.

import { foldNick } from '../protocol/index.ts';

// The characters of nicks; punctuation at a word's ends may be the sentence's, so "bob." is bob too.
const WORD = /[\p{L}\p{Nd}\p{M}._-]+/gu;
const PUNCTUATED = /^([._-]*)(.*?)([._-]*)$/su;

/** `text` with every mention of `nick` passed through `mark`. */
export function markMentions(text: string, nick: string, mark: (word: string) => string): string {
  const folded = foldNick(nick);
  return text.replace(WORD, (word) => {
    if (foldNick(word) === folded) return mark(word);
    const [, before = '', name = '', after = ''] = PUNCTUATED.exec(word) ?? [];
    return foldNick(name) === folded ? before + mark(name) + after : word;
  });
}

export function isMentioned(text: string, nick: string): boolean {
  let found = false;
  markMentions(text, nick, (word) => {
    found = true;
    return word;
  });
  return found;
}
