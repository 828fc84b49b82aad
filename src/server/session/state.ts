// Where a connection stands between its opening and its end. Changed by the session alone.

import { CloseCode } from '../../websocket/index.ts';
import type { Member } from '../room/member.ts';
import type { Room } from '../room/room.ts';

export type SessionState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'joined'; readonly room: Room; readonly member: Member; readonly attempt: number }
  | { readonly kind: 'ended' };

export interface JoinedHow {
  readonly attempt: number;
  readonly created: boolean;
  readonly resumed: boolean;
  /** It may not know yet that it is in, and come back by its claim. */
  readonly claims: boolean;
}

export const WAITING: SessionState = { kind: 'waiting' };
export const JOINING: SessionState = { kind: 'joining' };
export const ENDED: SessionState = { kind: 'ended' };

/** How its member leaves the room: a client that was sent away does not come back; one that lost its connection may. */
export function leavesFor(closeCode: number): 'announce' | 'await' {
  return closeCode >= 4000 || closeCode === CloseCode.normal ? 'announce' : 'await';
}
