// Lays text out in rows of a terminal. Pure. A row always leaves the last cell of the screen free, so that no terminal
// ever wraps it: where the cursor is, is then known without asking how the terminal treats its margin.

import { printableLine } from '../protocol/index.ts';
import { cellWidth, graphemesOf } from './cell-width.ts';

export interface Row {
  /** Printable, with the sequences of a style perhaps. */
  readonly text: string;
  /** Cells, at most. */
  readonly width: number;
}

export interface InputLayout {
  readonly rows: readonly Row[];
  readonly cursorRow: number;
  /** What stands before the cursor in its row. */
  readonly beforeCursor: Row;
}

/** `text` as one row, cut off with an ellipsis where it is too long. */
export function oneRow(text: string, columns: number): Row {
  const most = roomIn(columns);
  let row: Row = { text: '', width: 0 };
  for (const grapheme of graphemesOf(printableLine(text))) {
    const width = cellWidth(grapheme.text);
    if (row.width + width > most - 1) return { text: `${row.text}…`, width: row.width + 1 };
    row = { text: row.text + grapheme.text, width: row.width + width };
  }
  return row;
}

/** A prompt and the text behind it, with the cursor before the character at `cursor` of the text. */
export function layOutInput(prompt: string, text: string, cursor: number, columns: number): InputLayout {
  const most = roomIn(columns);
  // A long name must not take the room from what is typed.
  const shownPrompt = cellWidth(prompt) * 2 > most ? '> ' : prompt;
  const rows: Row[] = [];
  let current: Row = { text: shownPrompt, width: cellWidth(shownPrompt) };
  let atCursor: { cursorRow: number; beforeCursor: Row } | undefined;
  for (const grapheme of graphemesOf(text)) {
    const shown = printableLine(grapheme.text);
    const width = cellWidth(shown);
    if (current.width + width > most && current.width > 0) {
      rows.push(current);
      current = { text: '', width: 0 };
    }
    if (atCursor === undefined && grapheme.start >= cursor) {
      atCursor = { cursorRow: rows.length, beforeCursor: current };
    }
    current = { text: current.text + shown, width: current.width + width };
  }
  rows.push(current);
  return { rows, ...(atCursor ?? { cursorRow: rows.length - 1, beforeCursor: current }) };
}

/** The part of a layout that `height` rows can show: the one around the cursor. */
export function windowOf(layout: InputLayout, height: number): InputLayout {
  const surplus = layout.rows.length - Math.max(1, height);
  if (surplus <= 0) return layout;
  const first = Math.min(surplus, Math.max(0, layout.cursorRow - Math.floor(height / 2)));
  return {
    rows: layout.rows.slice(first, layout.rows.length - surplus + first),
    cursorRow: layout.cursorRow - first,
    beforeCursor: layout.beforeCursor,
  };
}

/** Cells that a row may take. */
export function roomIn(columns: number): number {
  return Math.max(4, columns - 1);
}
