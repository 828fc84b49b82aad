// What Tab offers: commands at the start of a line, else the nicks of the room, those heard last first.

import { foldNick, isShortAsNick, type ShownLine } from '../protocol/index.ts';
import type { Completion } from './editor.ts';
import { COMMAND_NAMES } from './slash-commands.ts';

/** Enough for any room that people talk in; a room of thousands costs no more than this. */
const MAX_NICKS = 1000;

export class NickCompleter {
  /** By folded nick, those heard of last at the end. */
  readonly #nicks = new Map<string, string>();

  /** Learns nicks from what the room says. */
  hear(line: ShownLine): void {
    switch (line.type) {
      case 'members':
        for (const { nick } of line.members) this.#add(nick);
        break;
      case 'renamed':
        this.#nicks.delete(foldNick(line.was));
        this.#add(line.nick);
        break;
      case 'left':
        this.#nicks.delete(foldNick(line.nick));
        break;
      case 'message':
      case 'joined':
        this.#add(line.nick);
        break;
    }
  }

  /** `own` is a nick that nobody needs to be offered: one's own. */
  complete(before: string, own: string): Completion {
    if (/^\/\S*$/.test(before)) {
      const typed = before.toLowerCase();
      return { start: 0, candidates: COMMAND_NAMES.filter((name) => name.startsWith(typed)).map((name) => `${name} `) };
    }
    const start = startOfWord(before);
    const typed = foldNick(before.slice(start).replace(/^@/, ''));
    const candidates: string[] = [];
    if (typed === '') return { start, candidates };
    const self = foldNick(own);
    for (const [folded, nick] of this.#nicks) {
      if (folded.startsWith(typed) && folded !== self) candidates.push(nick + (start === 0 ? ': ' : ' '));
    }
    return { start, candidates: candidates.reverse() };
  }

  #add(nick: string): void {
    if (!isShortAsNick(nick)) return;
    const folded = foldNick(nick);
    this.#nicks.delete(folded);
    this.#nicks.set(folded, nick);
    if (this.#nicks.size <= MAX_NICKS) return;
    const [oldest] = this.#nicks.keys();
    if (oldest !== undefined) this.#nicks.delete(oldest);
  }
}

/** From the end backwards: a pattern that is tied to the end would be tried at every start. */
function startOfWord(before: string): number {
  let start = before.length;
  while (start > 0 && !/\s/.test(before.charAt(start - 1))) start--;
  return start;
}
