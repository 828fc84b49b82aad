// Tables for people: columns as wide as their widest cell.

import { printableLine } from '../protocol/index.ts';
import { cellWidth } from '../terminal/index.ts';

/** Lines of a table; what the cells hold may come from strangers. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => printableLine(String(cell))))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => cellWidth(row[column] ?? ''))));
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
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

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - cellWidth(cell));
  return right ? space + cell : cell + space;
}
