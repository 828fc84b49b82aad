// Finds the addresses in a text that can be opened: http and https, and nothing else. Never decides what happens with one.

export interface LinkPiece {
  readonly text: string;
  readonly link: boolean;
}

// RFC 3986 has none of these in a URI; the quotes and full stops of other scripts end a sentence there, without a blank.
// Nothing invisible is part of an address, so that it is the one that is read.
const ADDRESS =
  /(?<![a-z\d])https?:\/\/(?=[\p{L}\p{N}[])[^\s\p{Cc}\p{Cf}\p{Cs}<>"`{}|\\^“”„«»。、，！？；：（）「」『』【】《》〈〉]+/giu;
/** What may stand behind an address in a sentence. */
const PUNCTUATION = ".,;:!?'*_~…’";
const OPENING_OF = new Map([
  [')', '('],
  [']', '['],
]);

/** The text in pieces, `link` telling which of them are addresses. */
export function splitAtLinks(text: string): LinkPiece[] {
  const pieces: LinkPiece[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = found.slice(0, endOf(found));
    if (index > done) pieces.push({ text: text.slice(done, index), link: false });
    pieces.push({ text: address, link: true });
    done = index + address.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), link: false });
  return pieces;
}

/** Where an address ends without the sentence's own punctuation, and without brackets that it has not opened. */
function endOf(found: string): number {
  const open = new Map<string, number>();
  for (const character of found) {
    if (character === '(' || character === '[') open.set(character, (open.get(character) ?? 0) + 1);
    const opening = OPENING_OF.get(character);
    if (opening !== undefined) open.set(opening, (open.get(opening) ?? 0) - 1);
  }
  let end = found.length;
  for (;;) {
    const last = found.charAt(end - 1);
    const opening = OPENING_OF.get(last);
    const excess = opening === undefined ? 0 : (open.get(opening) ?? 0);
    if (opening !== undefined && excess < 0) open.set(opening, excess + 1);
    else if (!PUNCTUATION.includes(last)) return end;
    end -= 1;
  }
}
