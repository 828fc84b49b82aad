// Tables for people: columns as wide as their widest cell.

import { printableLine } from '../protocol/index.ts';
import { cellWidth } from '../terminal/index.ts';

/** Wider than any name or sentence of a sound server: each row is padded to the widest cell of a column. */
const MOST_CHARACTERS = 256;

/** Lines of a table; what the cells hold may come from strangers. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => shown(String(cell))))];
  const widths = head.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, cellWidth(row[column] ?? '')), 0),
  );
  const isNumber = head.map((_, column) => rows.every((row) => isAmount(row[column])));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths[column] ?? 0, isNumber[column] ?? false))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A number, or one of bytes for people. */
function isAmount(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || /^[\d.]{1,9} (bytes|[KMGT]iB)$/.test(cell ?? '');
}

function shown(cell: string): string {
  return printableLine(cell.length > MOST_CHARACTERS ? `${cell.slice(0, MOST_CHARACTERS)}…` : cell);
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - cellWidth(cell));
  return right ? space + cell : cell + space;
}
