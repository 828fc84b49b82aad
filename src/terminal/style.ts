// The few ways in which text is set off on a terminal. The only place that knows colour sequences.
// It takes text that is printable already, and never cleans any.

import { foldNick } from '../protocol/index.ts';

export interface Style {
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly problem: (text: string) => string;
  readonly mention: (text: string) => string;
  /** `text` in the colour of `nick`: always the same one, however the nick is written. */
  readonly nick: (nick: string, text: string) => string;
}

const asItIs = (text: string): string => text;

export const UNSTYLED: Style = {
  dim: asItIs,
  strong: asItIs,
  problem: asItIs,
  mention: asItIs,
  nick: (_nick, text) => text,
};

// Of xterm's 256 colours those whose contrast with black and with white is 3.5 or more (WCAG 2, relative luminance),
// without pure red, which is for problems; neighbours in hue left out.
export const PALETTE_256 = [131, 166, 94, 100, 64, 28, 29, 30, 32, 67, 27, 61, 99, 97, 134, 129, 164, 133, 162, 168];
// Where there are only sixteen, their shades are the user's own: the four that are readable on most backgrounds.
const PALETTE_16 = [2, 4, 5, 6];

/** Finds the sequences in styled text; its group makes `split` keep them. */
export const SEQUENCE = /(\x1b\[[\d;]*m)/g;
/** Ends all styles at once. */
export const RESET = '\x1b[m';

/** Whether a sequence ends the style that was begun last. */
export function endsStyle(sequence: string): boolean {
  return ENDS.has(sequence);
}

/** The style for a terminal of `depth` bits of colour, as `tty.WriteStream.getColorDepth` says: 1 for none. */
export function styleOf(depth: number): Style {
  if (depth < 4) return UNSTYLED;
  const palette = depth < 8 ? PALETTE_16.map((colour) => `3${colour}`) : PALETTE_256.map((colour) => `38;5;${colour}`);
  return {
    dim: wrap('2', '22'),
    strong: wrap('1', '22'),
    problem: wrap('31', '39'),
    mention: wrap('7', '27'),
    nick: (nick, text) => wrap(palette[hash(foldNick(nick)) % palette.length] ?? '39', '39')(text),
  };
}

const ENDS = new Set(['22', '27', '39'].map((code) => `\x1b[${code}m`));

/** ECMA-48 §8.3.117, SGR: ended by the attribute's own end, so that styles nest. */
function wrap(start: string, end: string): (text: string) => string {
  return (text) => `\x1b[${start}m${text}\x1b[${end}m`;
}

/** FNV-1a over UTF-16 units: spreads short names well, and is the same in every run. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}
