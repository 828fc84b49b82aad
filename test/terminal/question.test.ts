import { expect, it } from 'vitest';
import { windowOf } from '../../src/terminal/layout.ts';
import { layOutQuestion } from '../../src/terminal/question.ts';

const WRONG = 'This is not the password of the room. Password: ';

it.each([
  [120, [WRONG]],
  [80, [WRONG]],
  [40, ['This is not the password of the room.', '      │ Password: ']],
  [20, ['This is not the', '│ password of the', '│ room. Password: ']],
])('a question is whole at %i columns, with the cursor behind it', (columns, rows) => {
  const layout = layOutQuestion(WRONG, columns);
  expect(layout.rows.map(({ text }) => text.trimEnd())).toEqual(rows.map((row) => row.trimEnd()));
  expect(layout).toMatchObject({ cursorRow: rows.length - 1, beforeCursor: layout.rows.at(-1) });
});

it('keeps its end where the screen is too low for all of it', () => {
  expect(windowOf(layOutQuestion(WRONG, 20), 1).rows).toEqual([{ text: '│ room. Password: ', width: 18 }]);
});
