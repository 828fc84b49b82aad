// What comings and goings are said as. Texts as they came: whoever shows them cleans them.

import type { CrowdLine, JoinedLine, LeftLine, RenamedLine } from '../protocol/index.ts';
import { grouped } from './words.ts';

export type PresenceLine = JoinedLine | LeftLine | RenamedLine;

/** Who did something, under the name that they had, and what it was: `ann`, `is now bob`. */
export interface Move {
  readonly nick: string;
  readonly did: string;
}

export function moveOf(line: PresenceLine): Move {
  return line.type === 'renamed' ? { nick: line.was, did: `is now ${line.nick}` } : { nick: line.nick, did: line.type };
}

export function crowdText({ joined, left, present }: CrowdLine): string {
  const moves = [
    ...(joined > 0 ? [`${grouped(joined)} more joined`] : []),
    ...(left > 0 ? [`${grouped(left)} more left`] : []),
  ];
  return [...moves, `${grouped(present)} here`].join(', ');
}
