import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, helpLines, parseTyped } from '../../src/terminal/slash-commands.ts';

describe('parseTyped', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['  indented', { kind: 'say', text: '  indented' }],
    ['a / b', { kind: 'say', text: 'a / b' }],
    ['one\n/two', { kind: 'say', text: 'one\n/two' }],
    ['//etc/passwd', { kind: 'say', text: '/etc/passwd' }],
    ['///', { kind: 'say', text: '//' }],
    [' \n\t', { kind: 'nothing' }],
    ['/help', { kind: 'help' }],
    ['/WHO ', { kind: 'who' }],
    ['/quit', { kind: 'quit' }],
    ['/clear', { kind: 'clear' }],
    ['/nick  Zoë', { kind: 'nick', nick: 'Zoë' }],
    ['/me waves\ntwice', { kind: 'say', text: '/me waves\ntwice' }],
    ['/history', { kind: 'history', count: 50 }],
    ['/history 7', { kind: 'history', count: 7 }],
    ['/history -1', { kind: 'mistake', message: 'Usage: /history [N]' }],
    ['/nick', { kind: 'mistake', message: 'Usage: /nick NAME' }],
    ['/me ', { kind: 'mistake', message: 'Usage: /me TEXT' }],
    ['/quit now', { kind: 'mistake', message: 'Usage: /quit' }],
    ['/nick server', { kind: 'mistake', message: 'The nick "server" is kept for the server itself.' }],
  ])('reads %j', (line, typed) => {
    expect(parseTyped(line)).toEqual(typed);
  });

  it.each([
    ['/qiut', '/quit'],
    ['/hlep', '/help'],
    ['/hisotry 5', '/history'],
    ['/clera', '/clear'],
    ['/wh', '/who'],
  ])('takes %j for a slip and says nothing to the room', (line, suggestion) => {
    const name = line.split(' ')[0];
    expect(parseTyped(line)).toEqual({
      kind: 'mistake',
      message: `There is no command "${name}". Did you mean ${suggestion}?`,
    });
  });

  it.each(['/', '/etc/passwd', '/x\x1b[2J', `/${'q'.repeat(10_000)}`])('has no suggestion for %j', (line) => {
    const typed = parseTyped(line);
    if (typed.kind !== 'mistake') throw new Error(`understood as ${typed.kind}`);
    expect(typed.message).toMatch(/^There is no command "\/[^\p{Cc}]{0,32}"; \/help lists them\. To send/u);
  });
});

describe('helpLines', () => {
  it('has a line for each command', () => {
    const names = helpLines().map((line) => line.split(' ')[0]);
    expect(names).toEqual([...COMMAND_NAMES, '//TEXT']);
  });
});
