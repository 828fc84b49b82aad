// A hostile server against the real `join` and `say`: each ends with a sentence and an exit code, and no byte that drives
// a terminal comes through.

import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { execa } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import { unsafeCharacters } from '../../support/hostile-text.ts';
import { COMMAND } from '../../support/server-process.ts';
import { type Attack, close, frame, lines, startHostileServer, switching, welcome } from './hostile-server.ts';

// Each test starts a process, and several run side by side.
vi.setConfig({ testTimeout: 60_000, maxConcurrency: 4 });

const ESCAPE = '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001bPq\u009b31m\u202e\r\u001b[';
const refused = (status: string, body: string) => () => `HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n${body}`;
const compressed = (accept: string) => switching(accept, 'Sec-WebSocket-Extensions: permessage-deflate');
const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH });
const [joined, live] = [lines(welcome), lines({ type: 'live', seq: 0 })];
const longLength = (first: number, ...length: number[]) => Buffer.from([first, 127, ...length]);

/** Exit codes: 1 for what keeps to no protocol, 3 for what is not there or overloaded, 5 for what is refused. */
const attacks: [name: string, exitCode: number, attack: Attack][] = [
  ['something else than HTTP', 1, { answer: () => `${ESCAPE}\r\n\r\n` }],
  ['a page', 1, { answer: refused('200 OK', ESCAPE) }],
  [
    'a redirect',
    1,
    { answer: () => 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n' },
  ],
  ['a refusal with escapes', 5, { answer: refused('403 Forbidden', ESCAPE) }],
  ['a refusal that never ends', 5, { answer: refused('403 Forbidden', 'no '.repeat(100_000)) }],
  ['overload', 3, { answer: refused('503 Service Unavailable', ESCAPE) }],
  ['headers without end', 1, { answer: () => `HTTP/1.1 101 x\r\nX: ${'y'.repeat(100_000)}` }],
  ['a wrong accept value', 1, { answer: () => switching('d3Jvbmc=') }],
  ['an extension that was not offered', 1, { answer: (a) => switching(a, 'Sec-WebSocket-Extensions: constructor') }],
  [
    'a window of 1,000 bits',
    1,
    { answer: (a) => switching(a, 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=1000') },
  ],
  ['a subprotocol that was not offered', 1, { answer: (a) => switching(a, 'Sec-WebSocket-Protocol: __proto__') }],
  ['a fault, and no end', 1, { bytes: frame(0x83, ''), staysOpen: true }],
  ['a masked frame', 1, { bytes: Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x7b]) }],
  ['a reserved bit', 1, { bytes: frame(0xa1, '{}') }],
  ['a reserved opcode', 1, { bytes: frame(0x83, '') }],
  ['a length of 2^63', 1, { bytes: longLength(0x81, 0x80, 0, 0, 0, 0, 0, 0, 0) }],
  ['a length over 2^53', 1, { bytes: longLength(0x81, 0, 0x40, 0, 0, 0, 0, 0, 0) }],
  ['a length of 0xFFFFFFFFFFFFFFFC', 1, { bytes: longLength(0x81, 255, 255, 255, 255, 255, 255, 255, 252) }],
  ['a ping of 126 bytes', 1, { bytes: frame(0x89, 'p'.repeat(126)) }],
  ['a fragmented ping', 1, { bytes: frame(0x09, '') }],
  ['a continuation of nothing', 1, { bytes: frame(0x80, '') }],
  ['fragments without end', 1, { bytes: Buffer.concat([frame(0x01, ''), ...Array(131_000).fill(frame(0x00, ''))]) }],
  ['a frame over 1 MiB', 1, { bytes: frame(0x81, Buffer.alloc(1024 * 1024 + 1, 0x20)) }],
  [
    'over-long by fragments',
    1,
    { bytes: Buffer.concat(Array.from({ length: 40 }, (_, i) => frame(i === 0 ? 1 : 0, Buffer.alloc(60_000, 0x20)))) },
  ],
  ['a bomb', 1, { answer: compressed, bytes: frame(0xc1, bomb) }],
  [
    'a bomb in fragments',
    1,
    {
      answer: compressed,
      bytes: Buffer.concat([frame(0x41, bomb.subarray(0, 30_000)), frame(0x80, bomb.subarray(30_000))]),
    },
  ],
  ['noise instead of deflate', 1, { answer: compressed, bytes: frame(0xc1, randomBytes(500)) }],
  ['bad UTF-8', 1, { bytes: frame(0x81, Buffer.from([0xc0, 0xaf])) }],
  ['a binary frame', 1, { bytes: frame(0x82, '{}') }],
  ['a close code that may not be sent', 1, { bytes: close(1006) }],
  ['a close reason with escapes', 5, { bytes: close(4400, ESCAPE) }],
  ['a close reason that is no UTF-8', 1, { bytes: frame(0x88, Buffer.from([0x0f, 0xa0, 0xff])) }],
  ['no JSON', 1, { bytes: frame(0x81, ESCAPE) }],
  ['no object', 1, { bytes: frame(0x81, '[]') }],
  ['an inherited type', 1, { bytes: frame(0x81, '{"type":{"toString":1}}') }],
  ['deep nesting', 1, { bytes: frame(0x81, '['.repeat(500_000)) }],
  ['lines before the welcome', 1, { bytes: live }],
  ['a welcome of another version', 1, { bytes: lines({ ...welcome, protocol: 2 }) }],
  ['a welcome without a key', 1, { bytes: lines({ ...welcome, key: undefined }) }],
  ['a second welcome', 1, { bytes: Buffer.concat([joined, joined]) }],
  ['a replay that ends twice', 1, { bytes: Buffer.concat([joined, live, live]) }],
  ['a seq beyond every number', 1, { bytes: Buffer.concat([joined, frame(0x81, '{"type":"live","seq":1e999}')]) }],
  ['an error with escapes', 5, { bytes: lines({ type: 'error', code: 'kicked', message: ESCAPE }) }],
  [
    'names and texts with escapes, and then a kick',
    5,
    {
      bytes: Buffer.concat([
        lines(
          { ...welcome, nick: `bob${ESCAPE}`, room: ESCAPE, id: ESCAPE },
          { type: 'notice', seq: 1, at: 0, text: ESCAPE },
        ),
        lines({
          type: 'message',
          seq: 2,
          at: 8.64e15 + 1,
          id: ESCAPE,
          nick: ESCAPE,
          text: `${ESCAPE}\n${ESCAPE}`,
          ref: ESCAPE,
        }),
        lines({ type: 'live', seq: 2 }, { type: 'joined', at: 1e15, id: 'x', nick: ESCAPE }),
        lines(
          { type: 'members', present: 1, members: [{ id: 'x', nick: ESCAPE }] },
          { type: 'direct', at: 0, text: ESCAPE },
        ),
        lines({ type: 'renamed', at: 0, id: 'x', nick: ESCAPE, was: ESCAPE }, { type: ESCAPE, message: ESCAPE }),
        lines({ type: 'error', code: ESCAPE, message: ESCAPE }, { type: 'error', code: 'kicked', message: ESCAPE }),
      ]),
    },
  ],
];

describe.each([
  ['join', ['join', 'lobby']],
  ['say', ['say', 'lobby', 'hello']],
])('against %s', (_, args) => {
  it.concurrent.each(attacks)('%s', async (_, exitCode, attack) => {
    const server = await startHostileServer(attack);
    const result = await execa(process.execPath, [COMMAND, ...args, '--server', server.url, '--nick', 'bob'], {
      // An open pipe: its end must not be what ends it.
      stdin: 'pipe',
      reject: false,
      timeout: 45_000,
      stripFinalNewline: false,
    }).finally(server.stop);
    const output = result.stdout + result.stderr;
    expect(result.timedOut, `it hung; printed ${JSON.stringify(output)}`).toBe(false);
    expect([result.exitCode, result.stderr]).toEqual([exitCode, expect.stringMatching(/^roomchat: .+\n$/m)]);
    expect(output).not.toMatch(/internal error|\bat .*:\d+:\d+/);
    expect(unsafeCharacters(output.replaceAll('\n', ''))).toEqual([]);
  });
});
