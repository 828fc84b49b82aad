// A question and its answer in place of the line that is typed. A prompt may give way where the terminal is narrow; a
// question never does: who cannot read what is asked types blindly. Pure.

import { cellWidth } from './cell-width.ts';
import type { InputLayout } from './layout.ts';
import { UNSTYLED } from './style.ts';
import { wrap } from './wrap.ts';

/** All of `question` (printable), over as many rows as it takes, with the cursor behind it. Nothing of the answer. */
export function layOutQuestion(question: string, columns: number): InputLayout {
  const rows = wrap(question, columns, UNSTYLED)
    .split('\n')
    .map((text) => ({ text, width: cellWidth(text) }));
  return { rows, cursorRow: rows.length - 1, beforeCursor: rows.at(-1) ?? { text: '', width: 0 } };
}
