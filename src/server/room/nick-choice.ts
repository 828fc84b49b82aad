// Which nick a joining client gets.

import { randomInt } from 'node:crypto';
import { foldNick, numberedNick } from '../../protocol/index.ts';
import { nickTaken, type Roster } from './roster.ts';

/**
 * The wanted nick if no connected member has it but this client itself, elsewhere; throws ProtocolError `nick_taken` where one has. A client that resumes
 * is given another one then, and one that wants none gets a guest's.
 */
export function chooseNick(wanted: string | undefined, roster: Roster, id: string, resumes: boolean): string {
  if (wanted !== undefined && !roster.isNickTaken(foldNick(wanted), id)) return wanted;
  if (wanted !== undefined && !resumes) throw nickTaken(wanted);
  for (let most = 1_000; ; most *= 10) {
    const nick = wanted === undefined ? `guest${randomInt(most)}` : numberedNick(wanted, randomInt(2, most));
    if (!roster.isNickTaken(foldNick(nick))) return nick;
  }
}
