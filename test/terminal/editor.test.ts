import { describe, expect, it } from 'vitest';
import { Editor, type Outcome } from '../../src/terminal/editor.ts';
import { InputHistory } from '../../src/terminal/input-history.ts';
import type { Action } from '../../src/terminal/keys.ts';

function editor(...history: string[]): Editor {
  const lines = new InputHistory();
  for (const line of history) lines.add(line);
  return new Editor(lines, (before) => ({ start: before.length, candidates: ['one ', 'two '] }));
}

/** Types a script of texts and <actions>; the result has the cursor as |. */
function type(on: Editor, script: string): string {
  for (const [, action, text] of script.matchAll(/<([\w-]+)>|([^<]+)/g)) {
    if (text !== undefined) on.press({ type: 'text', text });
    else if (action !== undefined) act(on, action);
  }
  return `${on.text.slice(0, on.cursor)}|${on.text.slice(on.cursor)}`;
}

function act(on: Editor, name: string): Outcome {
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined) throw new Error(`No action is called ${name}.`);
  return on.press({ type: 'action', action });
}

const ACTIONS: readonly Action[] = [
  'submit',
  'newline',
  'complete',
  'left',
  'right',
  'word-left',
  'word-right',
  'home',
  'end',
  'previous',
  'next',
  'erase-left',
  'erase-right',
  'erase-word',
  'erase-to-start',
  'erase-to-end',
  'interrupt',
  'end-of-input',
];

describe('Editor', () => {
  it.each([
    ['abc<left><left>x', 'ax|bc'],
    ['abc<home><right><erase-right>', 'a|c'],
    ['abc<home><left><erase-left>', '|abc'],
    ['abc<end><right><erase-right>', 'abc|'],
    ['one two  <word-left>', 'one |two  '],
    ['one two<home><word-right>', 'one| two'],
    ['one, two<home><word-right><word-right>', 'one, two|'],
    ['one two three<erase-word>', 'one two |'],
    ['one two<word-left><erase-to-start>', '|two'],
    ['one two<word-left><erase-to-end>', 'one |'],
    ['a👨‍👩‍👧b<left><erase-left>', 'a|b'],
    ['👩‍❤️‍👩x<home><word-right>', '👩‍❤️‍👩|x'],
    ['e\u0301<erase-left>', '|'],
    ['a<newline>b', 'a\nb|'],
    ['x<complete>', 'xone |'],
    ['x<complete><complete>', 'xtwo |'],
    ['x<complete><complete><complete>', 'xone |'],
    ['x<complete>y<complete>', 'xone yone |'],
    ['abc<interrupt>', '|'],
    ['abc<home><end-of-input>', '|bc'],
  ])('makes of %j', (script, result) => {
    expect(type(editor(), script)).toBe(result);
  });

  it('goes through the history and back to the line that was begun', () => {
    const lines = editor('first', 'second\nline');
    expect(type(lines, 'draft<previous>')).toBe('second\nline|');
    expect(type(lines, '<previous>')).toBe('first|');
    expect(act(lines, 'previous')).toEqual({ type: 'refused' });
    expect(type(lines, '<next><next>')).toBe('draft|');
    expect(act(lines, 'next')).toEqual({ type: 'refused' });
    type(lines, '<previous><previous><submit>');
    expect(type(lines, '<previous>')).toBe('first|');
    expect(type(lines, '<previous>')).toBe('second\nline|');
  });

  it('refuses what would make a message too long, and keeps the line', () => {
    const line = editor();
    type(line, 'x'.repeat(16 * 1024 - 1));
    expect(line.press({ type: 'text', text: 'é' })).toEqual({ type: 'refused', reason: 'too long' });
    expect(line.press({ type: 'text', text: 'y' })).toEqual({ type: 'edited' });
  });
});
