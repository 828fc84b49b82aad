// The few ways in which text is set off on a terminal. The only place that knows colour sequences.
// It takes text that is printable already, and never cleans any.

import type { WriteStream } from 'node:tty';
import { type NickColour, nickColour } from '../view/index.ts';

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

// Where there are only sixteen, their shades are the user's own: of the four that are readable on most backgrounds the one
// that is next to the nick's hue.
const PALETTE_16 = [
  { code: '35', below: 60 },
  { code: '32', below: 165 },
  { code: '36', below: 250 },
  { code: '34', below: 315 },
];

/** Finds the sequences in styled text; its group makes `split` keep them. */
export const SEQUENCE = /(\x1b\[[\d;]*m)/g;
/** Ends all styles at once. */
export const RESET = '\x1b[m';

/** Whether a sequence ends the style that was begun last. */
export function endsStyle(sequence: string): boolean {
  return ENDS.has(sequence);
}

/** What sets text off without a colour, for who wants none. */
const MONOCHROME: Style = { ...UNSTYLED, strong: wrap('1', '22'), mention: wrap('7', '27') };

/** The style for a terminal. no-color.org: NO_COLOR is about colours alone, and an empty one says nothing. */
export function styleFor(output: WriteStream, env: NodeJS.ProcessEnv): Style {
  const { NO_COLOR, ...others } = env;
  const style = styleOf(output.getColorDepth(others));
  return NO_COLOR && style !== UNSTYLED ? MONOCHROME : style;
}

/** The style for a terminal of `depth` bits of colour, as `tty.WriteStream.getColorDepth` says: 1 for none. */
export function styleOf(depth: number): Style {
  if (depth < 4) return UNSTYLED;
  const code = depth < 8 ? ofSixteen : ({ xterm }: NickColour) => `38;5;${xterm}`;
  return {
    dim: wrap('2', '22'),
    strong: wrap('1', '22'),
    problem: wrap('31', '39'),
    mention: wrap('7', '27'),
    nick: (nick, text) => wrap(code(nickColour(nick)), '39')(text),
  };
}

const ENDS = new Set(['22', '27', '39'].map((code) => `\x1b[${code}m`));

/** ECMA-48 §8.3.117, SGR: ended by the attribute's own end, so that styles nest. */
function wrap(start: string, end: string): (text: string) => string {
  return (text) => `\x1b[${start}m${text}\x1b[${end}m`;
}

function ofSixteen({ hue }: NickColour): string {
  return PALETTE_16.find(({ below }) => hue < below)?.code ?? '35';
}
