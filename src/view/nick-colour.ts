// The colour that a nick has, the same one on both screens. Never tells two nicks apart by colour alone: there are few.

import { foldNick } from '../protocol/index.ts';

export interface NickColour {
  /** Of xterm's 256 colours. */
  readonly xterm: number;
  /** Its hue in degrees of OKLCH, for a screen that chooses lightness and chroma itself. */
  readonly hue: number;
}

// Of xterm's 256 colours those whose contrast with black and with white is 3.5 or more (WCAG 2, relative luminance),
// without pure red, which is for problems; neighbours in hue left out.
const HUES: readonly (readonly [xterm: number, hue: number])[] = [
  [131, 21],
  [166, 48],
  [94, 80],
  [100, 110],
  [64, 128],
  [28, 142],
  [29, 164],
  [30, 195],
  [32, 246],
  [67, 249],
  [27, 262],
  [61, 281],
  [99, 290],
  [97, 306],
  [134, 313],
  [129, 308],
  [164, 328],
  [133, 327],
  [162, 352],
  [168, 2],
];
export const NICK_COLOURS: readonly NickColour[] = HUES.map(([xterm, hue]) => ({ xterm, hue }));

/** Always the same, however the nick is written. */
export function nickColour(nick: string): NickColour {
  return NICK_COLOURS[hash(foldNick(nick)) % NICK_COLOURS.length] ?? { xterm: 67, hue: 249 };
}

/** FNV-1a over UTF-16 units: spreads short names well, and is the same in every run. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}
