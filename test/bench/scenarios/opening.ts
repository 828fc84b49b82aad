// How long a join takes in a room that nobody has opened yet, and one that asks for what came since.
import { connect } from 'node:net';
import type { Figures } from '../load/job.ts';
import { clientFrame, upgradeRequest } from '../load/raw-client.ts';
import { roomchat } from '../peers/roomchat.ts';
import { makeRoom } from './history.ts';

const LINES_BEFORE_END = 10;
/** The first joins load and compile code. */
const WARM_UP = 50;
/** One opening a server: the fastest of so many. */
const SERVERS = 5;

export async function openings(data: string, bytes: number, part: 'open' | 'since'): Promise<Figures> {
  const lastSeq = await makeRoom(data, 'long', Infinity, bytes);
  await makeRoom(data, 'warm-up', 1);
  let best = Infinity;
  for (let i = 0; i < (part === 'open' ? SERVERS : 1); i++) best = Math.min(best, await openOnce(data, part, lastSeq));
  return { seconds: best };
}

/** By a server of its own: each opens the room for the first time. */
async function openOnce(data: string, part: 'open' | 'since', lastSeq: number): Promise<number> {
  const running = await roomchat.start({ data });
  try {
    for (let i = 0; i < WARM_UP; i++) await joinUntilLive(running.port, 'warm-up', { last: 0 });
    const opened = await joinUntilLive(running.port, 'long', { last: 0 });
    if (part === 'open') return opened;
    let best = Infinity;
    for (let i = 0; i < WARM_UP; i++) {
      best = Math.min(best, await joinUntilLive(running.port, 'long', { since: lastSeq - LINES_BEFORE_END }));
    }
    return best;
  } finally {
    await running.stop();
  }
}

/** Seconds from the join to the live line, on a connection that is already open. */
function joinUntilLive(port: number, room: string, fields: object): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    let joinedAt = 0;
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server has closed a connection')));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (joinedAt === 0 && text.includes('\r\n\r\n')) {
        joinedAt = performance.now();
        socket.write(clientFrame(JSON.stringify({ type: 'join', ...fields })));
      } else if (text.includes('"type":"live"')) {
        resolve((performance.now() - joinedAt) / 1000);
        socket.destroy();
      }
    });
    socket.write(upgradeRequest(port, room));
  });
}
