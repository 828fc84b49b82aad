// The least that a server on Node's own modules can do for a delivery: no checks, no history, no console; one frame a
// room and turn, and one plain `socket.write` of it for each member. What costs less than this is beyond Node's public
// interface.
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { acceptValue } from '../../../src/websocket/handshake.ts';
import { handleLine, LIVE, newTalker } from './lines.ts';

interface BareRoom {
  readonly members: Set<Duplex>;
  text: string;
}

export function serve(port: number): void {
  const rooms = new Map<string, BareRoom>();
  const dirty = new Set<BareRoom>();
  const flush = () => {
    for (const room of dirty) {
      const frame = textFrame(room.text);
      room.text = '';
      for (const member of room.members) member.write(frame);
    }
    dirty.clear();
  };
  const server = createServer();
  server.on('upgrade', (request, socket: Duplex) => {
    const talker = newTalker(request.url ?? '');
    const room: BareRoom = rooms.get(talker.room) ?? { members: new Set(), text: '' };
    rooms.set(talker.room, room);
    const accept = acceptValue(request.headers['sec-websocket-key'] ?? '');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => {
      for (const line of textsOf(chunk)) {
        const message = handleLine(talker, line);
        if (message === undefined) {
          room.members.add(socket);
          socket.write(textFrame(LIVE));
          continue;
        }
        room.text += `${message}\n`;
        if (dirty.size === 0) setImmediate(flush);
        dirty.add(room);
      }
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => room.members.delete(socket));
  });
  server.listen(port, '127.0.0.1');
}

const TEXT = 1;

/** The texts of the frames in a chunk (of pongs there is nothing to say), which has to hold whole ones of less than 64 KiB: the bench sends no others. */
function* textsOf(chunk: Buffer): Generator<string> {
  for (let at = 0; at < chunk.length; ) {
    const opcode = (chunk[at] ?? 0) & 0x0f;
    const short = (chunk[at + 1] ?? 0) & 0x7f;
    const length = short === 126 ? chunk.readUInt16BE(at + 2) : short;
    const key = at + (short === 126 ? 4 : 2);
    const start = key + 4;
    at = start + length;
    if (opcode !== TEXT) continue;
    for (let i = 0; i < length; i++) chunk[start + i] = (chunk[start + i] ?? 0) ^ (chunk[key + (i & 3)] ?? 0);
    yield chunk.toString('utf8', start, at);
  }
}

function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}
