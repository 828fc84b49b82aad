// Whom a person does not want to hear, as the commands say it. It takes effect on this side only.

import { foldNick } from '../protocol/index.ts';
import { counted, listed } from '../view/index.ts';
import type { Ignored } from './ignored.ts';

const MOST_NAMES = 20;

export interface Whom {
  readonly own: string | undefined;
  idsOf(nick: string): readonly string[];
}

/** Does it, and gives a sentence about it. */
export function ignore(ignored: Ignored, nick: string | undefined, { own = '', idsOf }: Whom): string {
  if (nick === undefined) {
    const { nicks } = ignored;
    if (nicks.length === 0) return 'You ignore nobody. /ignore NAME hides what somebody says.';
    return `You ignore ${listed(nicks, MOST_NAMES)} (${counted(nicks.length, 'name')}). /unignore NAME ends it.`;
  }
  if (foldNick(nick) === foldNick(own)) return 'That is you.';
  ignored.add(nick, idsOf(nick));
  return `You ignore ${nick} now, in this browser. /unignore ${nick} ends it.`;
}

export function unignore(ignored: Ignored, nick: string): string {
  return ignored.remove(nick)
    ? `You hear ${nick} again. Reload the page to see what was hidden.`
    : `You did not ignore ${nick}.`;
}
