import { expect, it } from 'vitest';
import { table } from '../../src/cli/table.ts';

it('makes columns as wide as their widest cell, numbers to the right, and no blanks at the end', () => {
  const text = table(
    ['name', 'count', 'note'],
    [
      ['lobby', 7, ''],
      ['x', 1234, 'open'],
    ],
  );
  expect(text).toBe('name   count  note\nlobby      7\nx       1234  open\n');
});

it('counts cells of the terminal, not characters', () => {
  const text = table(
    ['a', 'b'],
    [
      ['日本', 'x'],
      ['é', 'y'],
    ],
  );
  expect(text).toBe('a     b\n日本  x\né     y\n');
});

it('pads to no cell that is longer than anything of a sound server', () => {
  const rows = ['x'.repeat(500_000), ...Array.from({ length: 200_000 }, () => 'y')].map((name) => [name, 1]);
  const lines = table(['name', 'count'], rows).split('\n');
  expect(lines[1]).toBe(`${'x'.repeat(256)}…      1`);
  expect(lines[2]).toHaveLength(257 + 7);
});

it('lets nobody write outside of a cell', () => {
  const text = table(['nick', 'room'], [['a\u001b[2J\nb\r\u009b', 'x']]);
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
