// One who joins and reads a room from its beginning: when the first of the past came, and when all had come.
import { connect } from 'node:net';
import { clientFrame, upgradeRequest } from './raw-client.ts';

/** An upgrade and a welcome are smaller. */
const FIRST_BYTES = 8 * 1024;
/** So short a line is never compressed. */
const LIVE = '"type":"live"';

/** Seconds from its connecting, and the bytes that came. `compressed`: it takes compressed frames. */
export function readAll(
  port: number,
  room: string,
  compressed = false,
): Promise<{ first: number; seconds: number; bytes: number }> {
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1000;
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let first = 0;
    let end = '';
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          bytes += length;
          if (first === 0 && bytes > FIRST_BYTES) first = passed();
          const text = end + buffer.toString('latin1', 0, length);
          end = text.slice(-LIVE.length);
          if (text.includes(LIVE)) {
            socket.destroy();
            resolve({ first, seconds: passed(), bytes });
          }
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the reader was cut off')));
    socket.write(upgradeRequest(port, room, compressed ? 'permessage-deflate' : undefined));
    socket.write(clientFrame('{"type":"join","since":0}'));
  });
}
