// One who joins and reads a room from its beginning: when the first of the past came, and when all had come.
import { connect } from 'node:net';
import { clientFrame, upgradeRequest } from './raw-client.ts';

/** An upgrade and a welcome are smaller. */
const FIRST_BYTES = 8 * 1024;
const LIVE = '"type":"live"';

/** Seconds from its connecting. */
export function readAll(port: number, room: string): Promise<{ first: number; seconds: number }> {
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1000;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let first = 0;
    let end = '';
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.allocUnsafeSlow(256 * 1024),
        callback: (length, buffer) => {
          bytes += length;
          if (first === 0 && bytes > FIRST_BYTES) first = passed();
          const text = end + Buffer.from(buffer).toString('latin1', 0, length);
          end = text.slice(-LIVE.length);
          if (text.includes(LIVE)) {
            socket.destroy();
            resolve({ first, seconds: passed() });
          }
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the reader was cut off')));
    socket.write(upgradeRequest(port, room));
    socket.write(clientFrame('{"type":"join","since":0}'));
  });
}
