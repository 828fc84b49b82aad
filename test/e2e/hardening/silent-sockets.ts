// The scenario of peers that keep a connection busy with nothing: a byte of a header now and then, no byte at all, or an
// upgrade and then silence. Each must be ended by the server.

import { connect, type Socket } from 'node:net';
import type { Outcome } from '../../support/outcome.ts';
import { residentBytes } from '../../support/process-figures.ts';
import { startServer } from '../../support/server-process.ts';

export interface SilentOutcome extends Outcome {
  /** Milliseconds from connecting until the server had hung up, for the slowest. */
  readonly slowestEnd: number;
  /** Bytes of memory that the server held more than before, while all of them were connected. */
  readonly memory: number;
}

const KINDS = ['slow headers', 'nothing', 'upgraded and silent'] as const;
type Kind = (typeof KINDS)[number];
const REQUEST = 'GET /rooms/lobby HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
/** So many connect at the same time: a burst that overflows the listener's backlog would only test the kernel. */
const TOGETHER = 50;

export async function keepSilent({ cycles }: { cycles: number }): Promise<SilentOutcome> {
  const server = await startServer();
  const violations: string[] = [];
  const ends: Promise<number>[] = [];
  try {
    const before = residentBytes(server.pid);
    for (let at = 0; at < cycles; at += TOGETHER) {
      const count = Math.min(TOGETHER, cycles - at);
      const opened = Array.from({ length: count }, (_, i) =>
        open(server.port, KINDS[(at + i) % KINDS.length] ?? 'nothing'),
      );
      for (const { socket, ended } of await Promise.all(opened)) {
        socket.resume();
        ends.push(ended);
      }
    }
    const memory = residentBytes(server.pid) - before;
    const slowestEnd = Math.max(...(await Promise.all(ends)));
    if (/internal error/.test(server.output())) violations.push('the console tells of an internal error');
    return { counted: { sockets: ends.length }, violations, slowestEnd, memory };
  } finally {
    await server.stop();
  }
}

/** Connected, and where it upgrades, upgraded; `ended` gives the milliseconds that it lasted. */
async function open(port: number, kind: Kind): Promise<{ socket: Socket; ended: Promise<number> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const began = performance.now();
  const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - began)));
  if (kind === 'nothing') return { socket, ended };
  if (kind === 'upgraded and silent') {
    socket.write(REQUEST + UPGRADE);
    await new Promise((resolve) => socket.once('data', resolve));
    return { socket, ended };
  }
  const header = `${REQUEST}X-Slow: ${'y'.repeat(1_000)}`;
  socket.write(header.slice(0, 1));
  let sent = 1;
  const timer = setInterval(() => socket.write(header[sent++] ?? ''), 1_000);
  void ended.then(() => clearInterval(timer));
  return { socket, ended };
}
