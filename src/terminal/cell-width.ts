// How many cells of a terminal a text takes. Terminals disagree about emoji made of several characters, so this may say
// too much but never too little: rows that are laid out by it are never broken by the terminal.

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

// The segmenter takes its time, too long for each key in a text of 16 KiB. ASCII needs none; but its last character before
// others may be the base of their marks.
const RUNS = /([ -~\n]+)(?![^ -~\n])|[ -~\n]?[^ -~\n]*/g;

/** UTF-16 units. The longest emoji have some 30. */
const PIECE_UNITS = 128;

// Unicode's East Asian Width W and F (UAX #11), by blocks where a block has hardly anything else.
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
// Of the invisible ones (Cf), terminals give some a cell, as the soft hyphen: only the joiner of emoji takes none for sure.
// Nor do all know the marks that came with Unicode 10 and later, or those beyond the first plane: they give them one.
const NEWER_MARK =
  /^(?:\u07fd|[\u0898-\u089f]|[\u08ca-\u08d3]|\u09fe|[\u0afa-\u0aff]|\u0b55|\u0c04|\u0c3c|\u0d00|[\u0d3b-\u0d3c]|\u0eba|\u180f|[\u1abf-\u1aff]|[\u1df6-\u1dfb]|\ua8ff|\ua9bd|[\u{10000}-\u{10ffff}])$/u;
const TAKES_NO_CELL = /^(?:\p{Mn}|\p{Me}|\u200d)$/u;
/** Asks for the emoji form of the character before it, which is wide in some terminals. */
const EMOJI_FORM = '\ufe0f';

/** What a reader takes for one character, and where it stands in its text (UTF-16 units). */
export interface Grapheme {
  readonly text: string;
  readonly start: number;
}

export function* graphemesOf(text: string): Generator<Grapheme, void, undefined> {
  for (const run of text.matchAll(RUNS)) {
    if (run[1] === undefined) {
      yield* segmented(run[0], run.index);
    } else {
      for (let i = 0; i < run[0].length; i++) yield { text: run[0].charAt(i), start: run.index + i };
    }
  }
}

/**
 * In pieces, as the segmenter takes the square of what it is given. Each begins where a character does, so that nothing
 * before it matters; its last character may go on, and is left to the next piece.
 */
function* segmented(text: string, offset: number): Generator<Grapheme, void, undefined> {
  for (let start = 0; start < text.length; ) {
    const piece = text.slice(start, endOfPiece(text, start));
    let taken = 0;
    for (const { segment, index } of GRAPHEMES.segment(piece)) {
      const end = index + segment.length;
      // One that fills the whole piece is not a character that anybody has: it is cut.
      if (end === piece.length && start + end < text.length && index > 0) break;
      yield { text: segment, start: offset + start + index };
      taken = end;
    }
    start += taken;
  }
}

/** Never between the halves of a surrogate pair. */
function endOfPiece(text: string, start: number): number {
  const end = Math.min(text.length, start + PIECE_UNITS);
  const isHalf = end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isHalf ? end - 1 : end;
}

/** Cells of printable text. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character === EMOJI_FORM) width++;
    else if (!TAKES_NO_CELL.test(character)) width += WIDE.test(character) ? 2 : 1;
    else if (NEWER_MARK.test(character)) width++;
  }
  return width;
}

/** Cells that printable text takes in every terminal: those that draw an emoji of several characters as one, too. */
export function leastCellWidth(text: string): number {
  let width = 0;
  for (const { text: grapheme } of graphemesOf(text)) {
    const [base = ''] = grapheme;
    if (!TAKES_NO_CELL.test(base)) width += WIDE.test(base) ? 2 : 1;
  }
  return width;
}
