// The colour that a nick has on both screens.

import { expect, it } from 'vitest';
import { styleOf } from '../../src/terminal/style.ts';
import { NICK_COLOURS, nickColour } from '../../src/view/index.ts';

const names = Array.from({ length: 200 }, (_, n) => `user${n}`);

it('is one of few, and the same however the nick is written', () => {
  expect(nickColour('Ann')).toEqual(nickColour('ann'));
  expect(new Set(names.map((name) => nickColour(name).xterm)).size).toBe(NICK_COLOURS.length);
});

it('is the same on a terminal of 256 colours, and next to it on one of sixteen', () => {
  for (const name of names) {
    const { xterm } = nickColour(name);
    expect(styleOf(8).nick(name, 'x')).toBe(`\x1b[38;5;${xterm}mx\x1b[39m`);
  }
  const rough = new Map(names.map((name) => [nickColour(name).hue, styleOf(4).nick(name, '')]));
  const of = (hue: number) => /3\d/.exec(rough.get(hue) ?? '')?.[0];
  // Orange, green, cyan, blue, violet.
  expect([48, 142, 195, 262, 328].map(of)).toEqual(['35', '32', '36', '34', '35']);
});
