// A reader's connection by itself, on a real socket: what counts as life, and how it hears that the server is there.

import { createServer, type IncomingMessage, request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { encodeLine } from '../../../src/protocol/index.ts';
import { Exchange } from '../../../src/server/plain/exchange.ts';
import { Reading } from '../../../src/server/plain/reading.ts';
import { PreparedMessage } from '../../../src/websocket/index.ts';
import { MemoryLog } from '../memory-log.ts';

const HEADROOM = 10;
const LINE = '{"type":"message","seq":7,"at":1,"id":"i","nick":"n","text":"hi"}\n';

const prepared = (lines: string): PreparedMessage => {
  const buffer = Buffer.from(' '.repeat(HEADROOM) + lines);
  return new PreparedMessage(buffer, HEADROOM, buffer.length);
};

/** A follower whose session is this test. */
async function follower(asEvents: boolean) {
  const told: string[] = [];
  let exchange: Exchange | undefined;
  const server = createServer((_, response) => {
    const side = new Reading({ headers: {}, isHead: false, follows: true, asEvents, hasParts: true });
    exchange = new Exchange(response, side);
    side.exchange = exchange;
    exchange.handler = {
      message() {},
      drained: () => told.push('drained'),
      closed: (code) => told.push(`closed ${code}`),
    };
    side.startIn(new MemoryLog(), { position: 0, after: 0 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const asked = new Promise<IncomingMessage>((resolve) => request({ port, host: '127.0.0.1' }, resolve).end());
  await expect.poll(() => exchange).toBeDefined();
  if (exchange === undefined) throw new Error('There is no request.');
  return { exchange, asked, told };
}

const WELCOME = encodeLine({
  type: 'welcome',
  protocol: 1,
  id: 'i',
  nick: 'n',
  room: 'r',
  epoch: 'e',
  seq: 0,
  after: 0,
  present: 0,
  created: false,
  protected: false,
  key: 'k',
});

it.each([
  [false, `${LINE}\n`],
  [true, `id: 7\ndata: ${LINE}\n:\n\n`],
])('lines and beats, as events: %s', async (asEvents, wanted) => {
  const { exchange, asked, told } = await follower(asEvents);
  exchange.ping();
  exchange.send(WELCOME);
  const response = await asked;
  let body = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  exchange.sendPrepared(prepared(LINE));
  const { bytesReceived } = exchange;
  expect(exchange.bufferedBytes).toBeGreaterThan(0);
  // Who has something to take is asked for nothing, and shows no life before it has taken it.
  exchange.ping();
  expect(exchange.bytesReceived).toBe(bytesReceived);
  await expect.poll(() => told).toEqual(['drained']);
  expect([exchange.bufferedBytes, exchange.bytesReceived > bytesReceived]).toEqual([0, true]);
  exchange.ping();
  await expect.poll(() => body).toBe(wanted);
  exchange.close(1012, 'going_away');
  await expect.poll(() => told.at(-1)).toBe('closed 1012');
  expect([response.complete, body]).toEqual([true, wanted]);
});

it('a refusal that passes tells an EventSource when to come back, and a program by its status', async () => {
  for (const asEvents of [true, false]) {
    const { exchange, asked } = await follower(asEvents);
    exchange.send(encodeLine({ type: 'error', code: 'overloaded', message: 'Full.', retryAfter: 7 }));
    exchange.close(1013);
    const response = await asked;
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    expect([response.statusCode, response.headers['content-type'], body]).toEqual(
      asEvents ? [200, 'text/event-stream', ': Full.\nretry: 7000\n\n'] : [503, 'text/plain; charset=utf-8', 'Full.\n'],
    );
    expect(response.headers['retry-after']).toBe('7');
  }
});
