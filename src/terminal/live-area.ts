// The rows at the end of the screen that stay there while messages pass above them: hide, print, show, as linenoise and
// antirez' smallchat do it. Gives the sequences and remembers what is drawn; writes nothing itself.

import type { WriteStream } from 'node:tty';
import { type InputLayout, type Row, windowOf } from './layout.ts';

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
  readonly cursorWidth: number;
}

export class LiveArea {
  #drawn: Drawn | undefined;

  /** Takes the area away and leaves the cursor where its first row began. */
  hide(size: ScreenSize): string {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (drawn === undefined) return '';
    const up = rowsAboveCursor(drawn, size.columns);
    return `${up > 0 ? `\x1b[${up}A` : ''}\r\x1b[J`;
  }

  /** Draws the area from where the cursor is, which must be the start of an empty row. */
  show(above: readonly Row[], input: InputLayout, size: ScreenSize): string {
    // What is typed comes first where the screen is too low for all; one row is left for what is being talked about.
    const window = windowOf(input, size.rows - 1);
    const head = above.slice(0, Math.max(0, size.rows - 1 - window.rows.length));
    const rows = [...head, ...window.rows];
    const cursorRow = head.length + window.cursorRow;
    const up = rows.length - 1 - cursorRow;
    this.#drawn = { rows, cursorRow, cursorWidth: window.beforeCursor.width };
    // The cursor gets to its column by writing what stands before it again: the terminal itself knows best how wide
    // that is.
    return `${rows.map(({ text }) => text).join('\r\n')}${up > 0 ? `\x1b[${up}A` : ''}\r${window.beforeCursor.text}`;
  }

  /** The screen was cleared, or is somebody else's now: nothing is left to hide. */
  forget(): void {
    this.#drawn = undefined;
  }
}

/**
 * Terminals that were made narrower break the rows that no longer fit, and the cursor stays with its character. Rows
 * that were ended by a newline are not joined again when the terminal grows.
 */
function rowsAboveCursor(drawn: Drawn, columns: number): number {
  let above = Math.floor(drawn.cursorWidth / columns);
  for (const { width } of drawn.rows.slice(0, drawn.cursorRow)) above += Math.max(1, Math.ceil(width / columns));
  return above;
}
