// One address that sends as fast as it is let, over many connections: a process of its own, so that what it takes is not
// taken from whoever measures. Ends by itself, and trusts the server in nothing but that it speaks HTTP.
// Usage: node test/support/run.js test/support/flood.ts '{"port":…,"kind":"newlines","connections":256,"ms":1000}'

import { connect, type Socket } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { type Flood, type FloodKind, isFlood } from './flood-kinds.ts';

const ADDRESS = '203.0.113.66';
/** So many connect at the same time: more would only try the kernel's backlog. */
const TOGETHER = 64;
const FRAME_BYTES = 60_000;
const sink = Buffer.allocUnsafeSlow(256 * 1024);

/** A client's frame, masked with a key of zeros. */
function frame(first: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(payload.length < 126 ? 6 : 8);
  header.set([first, 0x80 | Math.min(payload.length, 126)]);
  if (payload.length >= 126) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

const text = (lines: string) => frame(0x81, Buffer.from(lines));
const filled = (line: string) => text(line.repeat(Math.floor(FRAME_BYTES / line.length)));

/** What a connection sends again and again. */
const PAYLOADS: { readonly [kind in Exclude<FloodKind, 'replays' | 'scans'>]: (connection: number) => Buffer } = {
  newlines: () => {
    const deflated = deflateRawSync(Buffer.alloc(65_536, '\n'), { finishFlush: constants.Z_SYNC_FLUSH });
    return Buffer.concat(Array.from({ length: 190 }, () => frame(0xc1, deflated.subarray(0, -4))));
  },
  commands: () => filled('{"type":"ping"}\n'),
  who: () => filled('{"type":"who"}\n'),
  renames: (connection) =>
    text(Array.from({ length: 1_500 }, (_, i) => `{"type":"nick","nick":"n${connection}-${i}"}\n`).join('')),
  says: () => text(`{"type":"say","text":"${'x'.repeat(16_000)}"}\n`.repeat(3)),
  pings: () => Buffer.concat(Array.from({ length: 1_000 }, () => frame(0x89, Buffer.from('p')))),
};

function open({ port, kind }: Flood): Promise<Socket | undefined> {
  const extension = kind === 'newlines' ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '';
  const request = `GET /rooms/flooded HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: ${ADDRESS}\r\n${extension}\r\n`;
  return new Promise((resolve) => {
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: sink,
        callback: (length) => {
          resolve(sink.toString('latin1', 0, Math.min(length, 16)).includes(' 101 ') ? socket : undefined);
          return true;
        },
      },
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
    socket.write(request);
  });
}

/** Sends as fast as the socket takes it, until it ends. */
async function pour(socket: Socket, payload: Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (socket.write(payload)) continue;
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', () => resolve());
    });
  }
}

/** Joins for the whole history, or for a search of all of it, and begins anew as soon as it has begun. */
async function joinAgain(flood: Flood, until: number): Promise<void> {
  while (Date.now() < until) {
    const socket = await open(flood);
    if (socket === undefined) return;
    socket.write(text(flood.kind === 'scans' ? '{"type":"join","last":1000000000}' : '{"type":"join"}'));
    await pass(100);
    socket.destroy();
  }
}

async function run(flood: Flood): Promise<void> {
  const { kind, connections, ms } = flood;
  if (kind === 'replays' || kind === 'scans') {
    const until = Date.now() + ms;
    await Promise.all(Array.from({ length: connections }, () => joinAgain(flood, until)));
    return;
  }
  const sockets: Socket[] = [];
  for (let at = 0; at < connections; at += TOGETHER) {
    const count = Math.min(TOGETHER, connections - at);
    const opened = await Promise.all(Array.from({ length: count }, () => open(flood)));
    sockets.push(...opened.filter((socket) => socket !== undefined));
  }
  for (const socket of sockets) socket.write(text('{"type":"join","last":0}'));
  for (const [i, socket] of sockets.entries()) void pour(socket, PAYLOADS[kind](i));
  await pass(ms);
  for (const socket of sockets) socket.destroy();
}

const flood: unknown = JSON.parse(process.argv[2] ?? '');
if (!isFlood(flood)) throw new Error('It takes a flood as JSON.');
await run(flood);
process.exit(0);
