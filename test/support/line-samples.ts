// A sample of every line that a server sends, with every field. A line or a field that is new does not compile before it
// has one here.

import type { ServerLine } from '../../src/protocol/index.ts';
import type { Whole } from './growth.ts';

const member = { id: 'i', nick: 'bob' } as const;

export const SERVER_LINES = {
  welcome: {
    type: 'welcome',
    protocol: 1,
    ...member,
    room: 'lobby',
    epoch: 'e',
    seq: 1,
    afterAt: 0,
    after: 0,
    present: 1,
    created: false,
    protected: false,
    topic: 't',
    key: 'k',
    owner: 'k',
    readonly: true,
    slow: 1,
  },
  message: { type: 'message', seq: 1, at: 0, ...member, text: 'hi', ref: 'r' },
  notice: { type: 'notice', seq: 1, at: 0, text: 'hi' },
  key: { type: 'key', key: 'k' },
  live: { type: 'live', seq: 1 },
  joined: { type: 'joined', at: 0, ...member },
  left: { type: 'left', at: 0, ...member },
  renamed: { type: 'renamed', at: 0, ...member, was: 'rob' },
  crowd: { type: 'crowd', at: 0, joined: 1, left: 1, present: 1 },
  members: { type: 'members', members: [member], present: 1 },
  direct: { type: 'direct', at: 0, text: 'hi' },
  settings: { type: 'settings', at: 0, topic: 't', readonly: true, slow: 1 },
  done: { type: 'done', command: 'mute', ...member, for: 1 },
  pong: { type: 'pong' },
  error: { type: 'error', code: 'unknown', message: 'no', ref: 'r', retryAfter: 1 },
} satisfies { readonly [L in ServerLine as L['type']]: Whole<L> };
