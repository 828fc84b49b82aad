// Linear time, the protocol: each field of each line of both sides, whatever text it holds. A command, a line or a field
// that is new does not compile before it has a sample here.

import { describe, expect, it } from 'vitest';
import {
  BadField,
  type Command,
  type ControlCommand,
  ControlError,
  decodeCommand,
  decodeControlCommand,
  decodeLine,
  escapeUnsafe,
  FrameLines,
  foldNick,
  linesOf,
  NameError,
  numberedNick,
  ProtocolError,
  parseNick,
  parseRoomName,
  printableLine,
  printableLines,
  safeJsonString,
} from '../../src/protocol/index.ts';
import { fieldsOf, growsFaster, type Whole, type Work } from '../support/growth.ts';
import { SERVER_LINES } from '../support/line-samples.ts';

const COMMANDS = {
  join: {
    type: 'join',
    nick: 'bob',
    password: 'x',
    protected: true,
    since: 1,
    sinceAt: 1,
    last: 1,
    epoch: 'e',
    resume: { id: 'i', key: 'k', attempt: 1 },
    claim: 'c'.repeat(16),
    as: 'speaker',
    owner: 'k',
  },
  say: { type: 'say', text: 'hi', ref: 'r' },
  nick: { type: 'nick', nick: 'bob' },
  who: { type: 'who' },
  ping: { type: 'ping' },
  kick: { type: 'kick', id: 'i', nick: 'bob', reason: 'r' },
  ban: { type: 'ban', id: 'i', nick: 'bob', for: 1 },
  unban: { type: 'unban', id: 'i', nick: 'bob' },
  mute: { type: 'mute', id: 'i', nick: 'bob', for: 1 },
  unmute: { type: 'unmute', id: 'i', nick: 'bob' },
  password: { type: 'password', password: 'p' },
  set: { type: 'set', topic: 't', readonly: true, slow: 1 },
} satisfies { readonly [C in Command as C['type']]: Whole<C> };

const CONTROL = {
  broadcast: { type: 'broadcast', ref: 1, room: 'lobby', text: 'hi' },
  dm: { type: 'dm', ref: 1, id: 'i', text: 'hi' },
  rooms: { type: 'rooms', ref: 1 },
  clients: { type: 'clients', ref: 1, room: 'lobby' },
  kick: { type: 'kick', ref: 1, id: 'i', room: 'lobby', reason: 'r' },
  ban: { type: 'ban', ref: 1, target: '::1', room: 'lobby', for: 1, reason: 'r' },
  bans: { type: 'bans', ref: 1, room: 'lobby' },
  unban: { type: 'unban', ref: 1, target: '::1', room: 'lobby' },
  password: { type: 'password', ref: 1, room: 'lobby', password: 'p' },
  set: { type: 'set', ref: 1, room: 'lobby', topic: 't', readonly: true, slow: 1 },
  mute: { type: 'mute', ref: 1, id: 'i', for: 1 },
  unmute: { type: 'unmute', ref: 1, room: 'lobby', target: 'bob' },
  owner: { type: 'owner', ref: 1, room: 'lobby', new: true },
  watch: { type: 'watch', ref: 1 },
  verify: { type: 'verify', ref: 1, room: 'lobby' },
  export: { type: 'export', ref: 1, room: 'lobby' },
  repair: { type: 'repair', ref: 1, room: 'lobby', yes: true },
  import: { type: 'import', ref: 1, room: 'lobby', password: 'p' },
  imported: { type: 'imported', ref: 1 },
  delete: { type: 'delete', ref: 1, room: 'lobby' },
} satisfies { readonly [C in ControlCommand as C['type']]: Whole<C> };

/** What a stranger's line comes to: decoded or refused, nothing else. */
function attempt(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    const isRefusal = [ProtocolError, ControlError, BadField, NameError].some((known) => error instanceof known);
    if (!isRefusal) throw error;
  }
}

describe('a command', () => {
  it.each(fieldsOf(COMMANDS))('$path', async ({ path, withText }) => {
    // Of since and last a join takes one, and of id and nick an owner's command: with both, nothing else is looked at.
    const names = /^(kick|ban|unban|mute|unmute)\./.test(path);
    const leftOut = !names ? 'last' : path.endsWith('.nick') ? 'id' : 'nick';
    const lineOf = (text: string) =>
      JSON.stringify(withText(text), (key, value) => (key === leftOut ? undefined : value));
    expect(await growsFaster((text) => attempt(() => decodeCommand(lineOf(text))))).toEqual([]);
  });
});

describe('a command of the control path', () => {
  it.each(fieldsOf(CONTROL))('$path', async ({ withText }) => {
    const work: Work = (text) => attempt(() => decodeControlCommand(JSON.stringify(withText(text))));
    expect(await growsFaster(work)).toEqual([]);
  });
});

describe('a line of a server', () => {
  it.each(fieldsOf(SERVER_LINES))('$path', async ({ withText }) => {
    expect(await growsFaster((text) => attempt(() => decodeLine(JSON.stringify(withText(text)))))).toEqual([]);
  });
});

describe('what is done with any text', () => {
  it.each(
    Object.entries({
      'as a nick': (text) => attempt(() => parseNick(text)),
      'as the name of a room': (text) => attempt(() => parseRoomName(text)),
      'compared as a nick': foldNick,
      'numbered as a nick': (text) => numberedNick(text, 7),
      'as a frame': (text) => {
        const lines = new FrameLines(text);
        while (lines.next() !== undefined);
      },
      'as the lines of a frame': (text) => [...linesOf(text)],
      'as a line that is no JSON': (text) => attempt(() => decodeCommand(text)),
      'as JSON between tokens': (text) => attempt(() => decodeCommand(`{"type":${text}"who"}`)),
      'printed on one line': printableLine,
      'printed on several lines': printableLines,
      'written into a log': safeJsonString,
      'passed on as JSON': escapeUnsafe,
    } satisfies Record<string, Work>),
  )('%s', async (_, work) => {
    expect(await growsFaster(work)).toEqual([]);
  });
});
