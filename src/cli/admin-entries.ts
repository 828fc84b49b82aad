// What the lists that a server answers with must consist of. `--server` may lead to one that means ill.

import { type BanEntry, type ClientEntry, hasShape, type RoomEntry } from '../protocol/index.ts';

export interface VerifiedRoom {
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
  /** Missing where the server is older than sums. */
  readonly summed?: number;
  /** The server of a cluster that has this log. */
  readonly node?: string;
  readonly problems: readonly { readonly offset: number; readonly reason: string }[];
}

export function isRoomEntry(value: unknown): value is RoomEntry {
  const rules = { topic: 'string?', readonly: 'boolean?', slow: 'number?' } as const;
  return hasShape(value, {
    ...rules,
    name: 'string',
    present: 'number',
    seq: 'number',
    bytes: 'number',
    protected: 'boolean',
  });
}

export function isClientEntry(value: unknown): value is ClientEntry {
  const texts = {
    id: 'string',
    nick: 'string',
    room: 'string',
    address: 'string',
    state: 'string',
    node: 'string?',
  } as const;
  return hasShape(value, { ...texts, since: 'number', behind: 'number', waiting: 'number', speaker: 'boolean' });
}

export function isBanEntry(value: unknown): value is BanEntry {
  const texts = { network: 'string', room: 'string?', reason: 'string?', id: 'string?', nick: 'string?' } as const;
  return hasShape(value, { ...texts, since: 'number', until: 'number?' });
}

export function isVerifiedRoom(value: unknown): value is VerifiedRoom {
  if (!hasShape(value, { name: 'string', lines: 'number', bytes: 'number', summed: 'number?', node: 'string?' }))
    return false;
  const { problems } = value;
  return Array.isArray(problems) && problems.every((one) => hasShape(one, { offset: 'number', reason: 'string' }));
}
