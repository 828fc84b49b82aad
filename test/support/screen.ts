// A model of a terminal's screen, as xterm and tmux behave: enough for what the input line writes, and strict about it.
// A sequence that it does not know is kept in `unknown`, so that a test can say that there was none.

interface Line {
  cells: string[];
  /** Whether the next line is the rest of this one, which the terminal itself wrapped. */
  wraps: boolean;
}

const WIDE = /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]/u;
const JOINS = /^(?:\p{M}|\u200d|\ufe0f)$/u;
/** Stands in the second cell of a wide character. */
const SECOND_HALF = '';

const newLine = (): Line => ({ cells: [], wraps: false });

export class Screen {
  columns: number;
  rows: number;
  bells = 0;
  bracketedPaste = false;
  readonly unknown: string[] = [];
  /** The screen is its last `rows` lines, what stands before them has scrolled away. */
  #lines: Line[] = [newLine()];
  #top = 0;
  #row = 0;
  #column = 0;
  #held = '';
  #saved = { row: 0, column: 0 };

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Rows of the screen as text, from the first to the last that holds any. */
  get text(): string {
    return this.#lines.slice(this.#top).map(textOf).join('\n').trimEnd();
  }

  /** All that was ever printed and not erased, with the terminal's own wraps undone. */
  get printed(): string[] {
    const lines: string[] = [];
    let start = '';
    for (const line of this.#lines) {
      if (line.wraps) {
        start += line.cells.join('');
        continue;
      }
      lines.push((start + textOf(line)).trimEnd());
      start = '';
    }
    return lines;
  }

  /** The screen with the cursor drawn in. */
  get withCursor(): string {
    const rows = this.#lines.slice(this.#top).map((line, index) => {
      if (index !== this.#row) return textOf(line);
      const cells = [...line.cells];
      while (cells.length < this.#column) cells.push(' ');
      return `${cells.slice(0, this.#column).join('')}▏${cells.slice(this.#column).join('')}`.trimEnd();
    });
    return rows.join('\n').trimEnd();
  }

  write(data: string): void {
    this.#held += data;
    const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[^[]|[\x00-\x1a\x1c-\x1f\x7f]|[^\x00-\x1f\x7f]/uy;
    let at = 0;
    for (let match = TOKEN.exec(this.#held); match !== null; match = TOKEN.exec(this.#held)) {
      at = TOKEN.lastIndex;
      this.#take(match[0]);
    }
    this.#held = this.#held.slice(at);
  }

  /** Lines that no longer fit are wrapped anew, and the cursor stays with its character, as in tmux, VTE and kitty. */
  resize(columns: number, rows: number): void {
    const logical: { cells: string[]; cursor: number | undefined }[] = [];
    let current: { cells: string[]; cursor: number | undefined } = { cells: [], cursor: undefined };
    this.#lines.forEach((line, index) => {
      if (index === this.#top + this.#row) current.cursor = current.cells.length + this.#column;
      current.cells.push(...line.cells);
      if (line.wraps) return;
      logical.push(current);
      current = { cells: [], cursor: undefined };
    });
    const lines: Line[] = [];
    let cursorLine = 0;
    for (const { cells, cursor } of logical) {
      const first = lines.length;
      for (let start = 0; start === 0 || start < cells.length; start += columns) {
        lines.push({ cells: cells.slice(start, start + columns), wraps: start + columns < cells.length });
      }
      if (cursor === undefined) continue;
      cursorLine = Math.min(lines.length - 1, first + Math.floor(cursor / columns));
      this.#column = Math.min(columns - 1, cursor - (cursorLine - first) * columns);
    }
    this.#lines = lines;
    this.columns = columns;
    this.rows = rows;
    this.#top = Math.max(0, Math.min(cursorLine, lines.length - rows));
    if (cursorLine - this.#top >= rows) this.#top = cursorLine - rows + 1;
    this.#row = cursorLine - this.#top;
  }

  #take(token: string): void {
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#lineFeed();
    else if (token === '\x07') this.bells++;
    else if (token === '\x1b7') this.#saved = { row: this.#row, column: this.#column };
    else if (token === '\x1b8') this.#restore();
    else if (token.startsWith('\x1b[')) this.#control(token);
    else if (/^[\x00-\x1f\x7f]/.test(token)) this.unknown.push(JSON.stringify(token));
    else this.#put(token);
  }

  #restore(): void {
    [this.#row, this.#column] = [this.#saved.row, this.#saved.column];
    this.#line();
  }

  #control(sequence: string): void {
    const count = Number(/\d+/.exec(sequence)?.[0] ?? 1);
    if (sequence.endsWith('m')) return;
    if (/^\x1b\[\d*A$/.test(sequence)) this.#row = Math.max(0, this.#row - count);
    else if (sequence === '\x1b[B') this.#row = Math.min(this.rows - 1, this.#row + 1);
    else if (sequence === '\x1b[K') this.#eraseRow();
    else if (sequence === '\x1b[J') this.#eraseBelow();
    else if (sequence === '\x1b[H') [this.#row, this.#column] = [0, 0];
    else if (sequence === '\x1b[2J') for (let row = 0; row < this.rows; row++) this.#lines[this.#top + row] = newLine();
    else if (sequence === '\x1b[?2004h') this.bracketedPaste = true;
    else if (sequence === '\x1b[?2004l') this.bracketedPaste = false;
    else this.unknown.push(JSON.stringify(sequence));
  }

  #eraseRow(): void {
    const line = this.#line();
    line.cells.length = Math.min(line.cells.length, this.#column);
    line.wraps = false;
  }

  #eraseBelow(): void {
    // As tmux does: what is erased together with all of the screen scrolls away.
    if (this.#row === 0 && this.#column === 0) this.#top = this.#lines.length;
    else this.#lines.length = Math.min(this.#lines.length, this.#top + this.#row + (this.#column > 0 ? 1 : 0));
    if (this.#column > 0) this.#eraseRow();
  }

  #put(character: string): void {
    const before = this.#line().cells;
    const last = this.#column - (before[this.#column - 1] === SECOND_HALF ? 2 : 1);
    if (JOINS.test(character) || before[last]?.endsWith('\u200d') === true) {
      before[last] += character;
      return;
    }
    const width = WIDE.test(character) ? 2 : 1;
    if (this.#column + width > this.columns) {
      this.#line().wraps = true;
      this.#lineFeed();
      this.#column = 0;
    }
    const { cells } = this.#line();
    while (cells.length < this.#column) cells.push(' ');
    cells[this.#column] = character;
    if (width === 2) cells[this.#column + 1] = SECOND_HALF;
    this.#column += width;
  }

  #lineFeed(): void {
    if (this.#row === this.rows - 1) this.#top++;
    else this.#row++;
    this.#line();
  }

  #line(): Line {
    const at = this.#top + this.#row;
    while (this.#lines.length <= at) this.#lines.push(newLine());
    const line = this.#lines[at];
    if (line === undefined) throw new Error('The cursor is on no line.');
    return line;
  }
}

function textOf(line: Line): string {
  return line.cells.join('').trimEnd();
}
