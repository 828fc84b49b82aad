// Breaks styled text into rows of a terminal, so that the terminal itself never breaks one: what it does not break cannot
// put somebody's text where a line of somebody else begins. Every row but the first begins with a mark that no line does.
// Pure, and linear in the length of the text.

import { cellWidth, graphemesOf } from './cell-width.ts';
import { type Row, roomIn } from './layout.ts';
import { endsStyle, RESET, SEQUENCE, type Style } from './style.ts';

const MARK = '      │ ';
/** For terminals on which the mark would take too much of each row. */
const NARROW_MARK = '│ ';
const NARROW_ROOM = 20;

const BLANK: Row = { text: ' ', width: 1 };

/** Words of ASCII are taken whole, which is several times as fast. */
const TOKENS = /[!-~]+| |[^ -~]+/g;

/**
 * `text` (printable, with the sequences of `style` perhaps, its lines parted by `\n`) as rows, parted likewise. A row is
 * broken at a blank where there is one, which is left out if the row is full; nothing else is left out.
 */
export function wrap(text: string, columns: number, style: Style): string {
  const room = roomIn(columns);
  if (!text.includes('\n') && fits(text, room)) return text;
  const mark = room < NARROW_ROOM ? NARROW_MARK : MARK;
  const rows = new Rows(room, { text: style.dim(mark), width: cellWidth(mark) });
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) rows.endLine();
    for (const piece of line.split(SEQUENCE)) addPiece(rows, piece);
  }
  return rows.finish();
}

/** A sequence, or text without any. */
function addPiece(rows: Rows, piece: string): void {
  if (piece.startsWith('\x1b')) {
    rows.addToWord({ text: piece, width: 0 });
    return;
  }
  for (const [token] of piece.matchAll(TOKENS)) {
    if (token === ' ') rows.addBlank();
    else if (token < '\x7f') rows.addToWord({ text: token, width: token.length });
    else for (const grapheme of graphemesOf(token)) addGrapheme(rows, grapheme.text);
  }
}

/** Scripts without blanks are broken anywhere, and nearly all of their characters are wide. */
function addGrapheme(rows: Rows, text: string): void {
  const width = cellWidth(text);
  if (width > 1) rows.addWord({ text, width });
  else rows.addToWord({ text, width });
}

function fits(text: string, room: number): boolean {
  // No UTF-16 unit takes more than two cells.
  return text.length * 2 <= room || cellWidth(text.replaceAll(SEQUENCE, '')) <= room;
}

class Rows {
  readonly #room: number;
  readonly #mark: Row;
  readonly #rows: string[] = [];
  /** Put together once it is full: a string that grows by each character keeps all that it was. */
  #row: string[] = [];
  #width = 0;
  /** The sequences of the styles that hold where the row ends. */
  #styles: string[] = [];
  /** What has to stay together, as long as it is not known to be too long for any row. */
  #word: Row[] = [];
  #wordWidth = 0;
  #isLongWord = false;
  /** A blank was left out: what comes next begins a row. */
  #isFull = false;

  constructor(room: number, mark: Row) {
    this.#room = room;
    this.#mark = mark;
  }

  addBlank(): void {
    this.#endWord();
    if (this.#isFull || this.#width < this.#room) this.#place(BLANK);
    else this.#isFull = true;
  }

  /** What may be parted from its neighbours. */
  addWord(word: Row): void {
    this.#endWord();
    this.#place(word);
  }

  /** A part of a word, or a sequence, which has no width. */
  addToWord(part: Row): void {
    this.#word.push(part);
    this.#wordWidth += part.width;
    if (this.#mark.width + this.#wordWidth > this.#room) this.#isLongWord = true;
    if (this.#isLongWord) this.#placeWord();
  }

  endLine(): void {
    this.#endWord();
    this.#break();
  }

  finish(): string {
    this.#endWord();
    return [...this.#rows, this.#row.join('')].join('\n');
  }

  #endWord(): void {
    if (this.#width + this.#wordWidth > this.#room) this.#break();
    this.#placeWord();
    this.#isLongWord = false;
  }

  #placeWord(): void {
    if (this.#word.length === 0) return;
    for (const part of this.#word) {
      if (part.text.startsWith('\x1b')) this.#placeSequence(part.text);
      // What takes no more than a cell is one character already: looking for its parts would cost more than all else.
      else if (this.#isLongWord && part.width > 1) this.#placeBroken(graphemesOf(part.text));
      else this.#place(part);
    }
    this.#word = [];
    this.#wordWidth = 0;
  }

  #placeSequence(sequence: string): void {
    if (endsStyle(sequence)) this.#styles.pop();
    else this.#styles.push(sequence);
    this.#row.push(sequence);
  }

  #placeBroken(parts: Iterable<{ readonly text: string }>): void {
    for (const { text } of parts) this.#place({ text, width: cellWidth(text) });
  }

  #place(part: Row): void {
    if (this.#isFull || this.#width + part.width > this.#room) this.#break();
    if (this.#width + part.width <= this.#room) {
      this.#row.push(part.text);
      this.#width += part.width;
    } else {
      // A character of many parts that is too wide even for a row of its own.
      this.#placeBroken([...part.text].map((text) => ({ text })));
    }
  }

  #break(): void {
    if (this.#styles.length > 0) this.#row.push(RESET);
    this.#rows.push(this.#row.join(''));
    this.#row = [this.#mark.text, ...this.#styles];
    this.#width = this.#mark.width;
    this.#isFull = false;
  }
}
