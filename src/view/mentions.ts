// Finds a nick in a text: as a whole word, in any case.

import { foldNick } from '../protocol/index.ts';

// The characters of nicks; punctuation at a word's ends may be the sentence's, so "bob." is bob too.
const WORD = /[\p{L}\p{Nd}\p{M}._-]+/gu;
const PUNCTUATION = '._-';

export interface Piece {
  readonly text: string;
  readonly mention: boolean;
}

/** The text in pieces, `mention` telling which of them are the nick. */
export function splitAtMentions(text: string, nick: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const { start, end } of mentionsIn(text, foldNick(nick))) {
    if (start > done) pieces.push({ text: text.slice(done, start), mention: false });
    pieces.push({ text: text.slice(start, end), mention: true });
    done = end;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), mention: false });
  return pieces;
}

export function isMentioned(text: string, nick: string): boolean {
  return !mentionsIn(text, foldNick(nick)).next().done;
}

function* mentionsIn(text: string, folded: string): Generator<{ start: number; end: number }, void> {
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (foldNick(word) === folded) {
      yield { start: index, end: index + word.length };
      continue;
    }
    const [start, end] = withoutPunctuation(word);
    if (foldNick(word.slice(start, end)) === folded) yield { start: index + start, end: index + end };
  }
}

/** Where the word begins and ends, step by step: a pattern that is tied to the end would be tried at every start. */
function withoutPunctuation(word: string): [start: number, end: number] {
  let start = 0;
  let end = word.length;
  while (start < end && PUNCTUATION.includes(word.charAt(start))) start += 1;
  while (end > start && PUNCTUATION.includes(word.charAt(end - 1))) end -= 1;
  return [start, end];
}
