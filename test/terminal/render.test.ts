import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageLine, ShownLine } from '../../src/protocol/index.ts';
import { render, renderPlain } from '../../src/terminal/render.ts';
import { styleOf, UNSTYLED } from '../../src/terminal/style.ts';
import { type Item, Transcript } from '../../src/terminal/transcript.ts';
import { NICK_COLOURS } from '../../src/view/index.ts';
import { hostileText, unsafeCharacters } from '../support/hostile-text.ts';

const NOON = new Date(2026, 10, 22, 12, 5).getTime();

function message(text: string, more: { own?: boolean; mentioned?: string; nick?: string } = {}): Item {
  const line = { type: 'message', seq: 1, at: NOON, id: 'a', nick: more.nick ?? 'alice', text } as const;
  return { kind: 'message', line, own: more.own ?? false, mentioned: more.mentioned, fresh: true };
}

describe('render', () => {
  it.each<[Item, string]>([
    [message('hi'), '12:05 alice: hi'],
    [message('one\r\ntwo\nthree'), '12:05 alice: one\n      │ two\n      │ three'],
    [message('/me waves'), '12:05 * alice waves'],
    [message('/menu'), '12:05 alice: /menu'],
    [{ kind: 'server', at: NOON, text: 'restarting', toMe: false }, '12:05 [server] restarting'],
    [{ kind: 'server', at: NOON, text: 'psst', toMe: true }, '12:05 [server, to you] psst'],
    [{ kind: 'presence', at: NOON, text: 'carol joined' }, '12:05 -- carol joined'],
    [{ kind: 'rule', text: '2 messages of history' }, '── 2 messages of history ──'],
    [{ kind: 'note', text: 'a\nb' }, '-- a\n      │ b'],
    [{ kind: 'problem', text: 'no\x1b[2J' }, '!! no␛[2J'],
  ])('writes %j', (item, text) => {
    expect(render(item, UNSTYLED, 80)).toBe(text);
  });

  it('shows so many lines of a text, and tells how many it leaves out', () => {
    const lines = render(message('\n'.repeat(16_383)), UNSTYLED, 80).split('\n');
    expect(lines).toHaveLength(257);
    expect(lines.at(-1)).toBe('      │ … 16,128 more lines: join --json prints them all');
    expect(render(message('\n'.repeat(255)), UNSTYLED, 80)).not.toContain('more line');
  });

  it('finds a nick behind and before any punctuation of its own kind', () => {
    const style = styleOf(8);
    for (const text of ['--bob--', '...bob', 'bob_', '(-bob-)']) {
      expect(render(message(text, { mentioned: 'bob' }), style, 80)).toContain(`\x1b[7mbob\x1b[27m`);
    }
    expect(render(message('a--bob--', { mentioned: 'bob' }), style, 80)).not.toContain('\x1b[7m');
    expect(render(message('._-', { mentioned: 'bob' }), style, 80)).toContain(': ._-');
  });

  it('marks a mention, and nothing inside a sequence of its own', () => {
    const style = styleOf(8);
    expect(render(message('ask Bob.', { mentioned: 'bob' }), style, 80)).toMatch(/ask \x1b\[7mBob\x1b\[27m\.$/);
    expect(render(message('one\ntwo', { mentioned: '22m' }), style, 80)).toMatch(/: one\n\x1b\[2m {6}│ \x1b\[22mtwo$/);
  });

  it('gives a nick one colour of its own, however it is written', () => {
    const { nick } = styleOf(8);
    expect(nick('Bob', 'x')).toBe(nick('bob', 'x'));
    const names = Array.from({ length: 200 }, (_, n) => `user${n}`);
    expect(new Set(names.map((name) => nick(name, 'x'))).size).toBe(NICK_COLOURS.length);
  });

  it('has no sequence at all without colour', () => {
    expect(styleOf(1).problem('x') + styleOf(1).nick('bob', 'x')).toBe('xx');
  });
});

describe('the colours of nicks', () => {
  it.each(NICK_COLOURS.map(({ xterm }) => xterm))('%i can be read on black and on white', (colour) => {
    const luminance = luminanceOf(colour);
    expect((luminance + 0.05) / 0.05).toBeGreaterThanOrEqual(3.5);
    expect(1.05 / (luminance + 0.05)).toBeGreaterThanOrEqual(3.5);
  });
});

describe('renderPlain', () => {
  it.each<[Item, string | undefined]>([
    [message('one\ntwo'), 'alice: one⏎two'],
    [message('mine', { own: true }), undefined],
    [message('/me waves'), '* alice waves'],
    [{ kind: 'server', at: NOON, text: 'restarting', toMe: false }, 'server: restarting'],
    [{ kind: 'server', at: NOON, text: 'psst', toMe: true }, 'server (to you): psst'],
    [{ kind: 'problem', text: 'no\nway' }, 'no⏎way'],
  ])('writes %j', (item, text) => {
    expect(renderPlain(item)).toBe(text);
  });
});

describe('whatever a server sends', () => {
  const lines = (text: string): ShownLine[] => {
    const member = { id: text, nick: text };
    return [
      { type: 'joined', at: NOON, ...member },
      { type: 'renamed', at: NOON, ...member, was: text },
      { type: 'members', members: [member], present: 1 },
      { type: 'direct', at: NOON, text },
      { type: 'notice', seq: 1, at: NOON, text },
      { type: 'error', code: 'unknown', message: text },
      { type: 'message', seq: 2, at: NOON, ...member, text } satisfies MessageLine,
    ];
  };

  it('brings no control byte to the terminal or the pipe', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const items = lines(text).flatMap((line) => new Transcript(text, NOON).line(line));
        for (const item of items) {
          expect(render(item, UNSTYLED, 80).split('\n').flatMap(unsafeCharacters)).toEqual([]);
          expect(unsafeCharacters(renderPlain(item) ?? '')).toEqual([]);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

/** WCAG 2's relative luminance of a colour of xterm's 6 × 6 × 6 cube. */
function luminanceOf(colour: number): number {
  const index = colour - 16;
  const channel = (step: number): number => {
    const value = (step === 0 ? 0 : 55 + 40 * step) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const red = channel(Math.floor(index / 36));
  const green = channel(Math.floor(index / 6) % 6);
  return 0.2126 * red + 0.7152 * green + 0.0722 * channel(index % 6);
}
