// Ends the connections that a ban is for.

import type { Ban } from '../access/ban-list.ts';
import { bannedBy } from '../access/bans.ts';
import { contains, parseAddress } from '../addresses/network.ts';
import type { AdminContext } from './admin-context.ts';

/** Their number. */
export function endThose({ clients }: Pick<AdminContext, 'clients'>, ban: Ban): number {
  let ended = 0;
  for (const session of clients.sessions) {
    if (session.state.kind === 'ended' || (ban.room !== undefined && ban.room !== session.roomName)) continue;
    const address = parseAddress(session.address.text);
    if (address === undefined || !contains(ban.network, address)) continue;
    session.fail(bannedBy(ban));
    ended++;
  }
  return ended;
}
