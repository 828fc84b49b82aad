// The rows at the end of the screen that stay there while messages pass above them: hide, print, show, as linenoise and
// antirez' smallchat do it. Gives the sequences and remembers what is drawn; writes nothing itself.

import type { WriteStream } from 'node:tty';
import { leastCellWidth } from './cell-width.ts';
import { type InputLayout, type Row, windowOf } from './layout.ts';
import { SEQUENCE } from './style.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export function sizeOf(output: WriteStream): ScreenSize {
  // A terminal that does not know its size says 0.
  return { columns: output.columns || 80, rows: output.rows || 24 };
}

interface Drawn {
  readonly rows: readonly Row[];
  readonly cursorRow: number;
  readonly beforeCursor: Row;
}

export class LiveArea {
  readonly #reflows: boolean;
  #drawn: Drawn | undefined;

  /** `reflows`: the terminal breaks rows that no longer fit after it was made narrower; others cut them off. */
  constructor(reflows: boolean) {
    this.#reflows = reflows;
  }

  /** Takes the area away and leaves the cursor where its first row began. */
  hide(size: ScreenSize): string {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (drawn === undefined) return '';
    const up = this.#reflows ? rowsAboveCursor(drawn, size.columns) : drawn.cursorRow;
    // Erasing all of the screen at once, tmux would put what is erased among the lines that have scrolled away: the first
    // row is erased by itself.
    return `${up > 0 ? `\x1b[${up}A` : ''}\r\x1b7\x1b[K\x1b[B\x1b[J\x1b8`;
  }

  /** Draws the area from where the cursor is, which must be the start of an empty row. */
  show(above: readonly Row[], input: InputLayout, size: ScreenSize): string {
    // Half of the screen is left for what is being talked about. What is typed may then take twice its rows, on a screen
    // that was made narrower, before it scrolls away, where nothing can be erased.
    const window = windowOf(input, Math.floor(size.rows / 2));
    const head = above.slice(0, Math.max(0, size.rows - 1 - window.rows.length));
    const rows = [...head, ...window.rows];
    const cursorRow = head.length + window.cursorRow;
    const up = rows.length - 1 - cursorRow;
    this.#drawn = { rows, cursorRow, beforeCursor: window.beforeCursor };
    // The cursor gets to its column by writing what stands before it again: the terminal itself knows best how wide
    // that is.
    return `${rows.map(({ text }) => text).join('\r\n')}${up > 0 ? `\x1b[${up}A` : ''}\r${window.beforeCursor.text}`;
  }

  /** The screen was cleared, or is somebody else's now: nothing is left to hide. */
  forget(): void {
    this.#drawn = undefined;
  }
}

/** xterm, GNU screen and the Linux console cut rows off. */
export function reflows({ XTERM_VERSION, STY, TERM }: NodeJS.ProcessEnv): boolean {
  return !XTERM_VERSION && !STY && TERM !== 'linux';
}

/**
 * At least. Terminals that were made narrower break the rows that no longer fit, and the cursor stays with its character;
 * behind the last one it stays in that one's row. Rows that were ended by a newline are not joined again when the terminal
 * grows. A row too few leaves a ghost, one too many would erase a row of what was said.
 */
function rowsAboveCursor({ rows, cursorRow, beforeCursor }: Drawn, columns: number): number {
  const before = Math.floor(leastWidth(beforeCursor) / columns);
  let above = Math.min(before, brokenInto(rows[cursorRow] ?? beforeCursor, columns) - 1);
  for (const row of rows.slice(0, cursorRow)) above += brokenInto(row, columns);
  return above;
}

function brokenInto(row: Row, columns: number): number {
  return Math.max(1, Math.ceil(leastWidth(row) / columns));
}

function leastWidth({ text, width }: Row): number {
  return text.length === width ? width : leastCellWidth(text.replaceAll(SEQUENCE, ''));
}
