// `ws` as a foreign peer in both directions: every combination of context takeover and window bits, both roles, plain
// messages of every size class. Each case is a message that went there and came back unchanged.
import { once } from 'node:events';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type PerMessageDeflateOptions, type RawData, WebSocketServer, WebSocket as WsClient } from 'ws';
import { type CompressionOptions, dial, PreparedMessage, type WebSocket } from '../../src/websocket/index.ts';
import { Recorder, serve } from './endpoints.ts';
import { GENEROUS } from './wire.ts';

const SIZES = [0, 1, 125, 126, 127, 1023, 1024, 65_535, 65_536, 300_000];
const BITS = [undefined, 8, 9, 10, 11, 12, 13, 14, 15];
let cases = 0;

afterAll(() => {
  // Counted, so that a loop that became empty shows.
  expect(cases).toBe(2962);
});

/** Text that compresses, differs from message to message, and refers back to earlier ones. */
function sample(size: number, seed: number): string {
  let text = '';
  for (let i = seed; text.length < size; i++) text += `${(i * 7919) % 1009} the quick brown fox ${(i * 31) % 97}; `;
  return text.slice(0, size);
}

/** Text that the last 2^15 bytes help to compress. */
function samples(): string[] {
  return SIZES.map((size, i) => sample(size, i % 3));
}

function serverOf(socket: WebSocket): void {
  socket.handler = {
    message: (data, binary) => socket.send(data, binary),
    drained() {},
    closed() {},
  };
}

async function echoedByUs(url: string, perMessageDeflate: boolean | PerMessageDeflateOptions): Promise<string> {
  const client = new WsClient(url, { perMessageDeflate });
  await once(client, 'open');
  const got: string[] = [];
  const done = new Promise<void>((resolve) => {
    client.on('message', (data: RawData, binary: boolean) => {
      got.push(`${binary} ${data.toString()}`);
      if (got.length === 2 * SIZES.length) resolve();
    });
  });
  const sent = samples();
  for (const text of sent) {
    client.send(text);
    client.send(Buffer.from(text));
  }
  await done;
  expect(got).toEqual(sent.flatMap((text) => [`false ${text}`, `true ${text}`]));
  cases += got.length;
  const { extensions } = client;
  client.close(1000);
  expect((await once(client, 'close'))[0]).toBe(1000);
  return extensions;
}

async function echoedByWs(perMessageDeflate: boolean | PerMessageDeflateOptions, compression?: CompressionOptions) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  let extensions = '';
  server.on('connection', (peer) => {
    extensions = peer.extensions;
    peer.on('message', (data: Buffer, binary: boolean) => peer.send(data, { binary, compress: true }));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const recorder = new Recorder();
  const client = await dial(`ws://127.0.0.1:${address.port}/`, { compression, limits: GENEROUS, handler: recorder });
  const sent = samples();
  for (const text of sent) {
    client.send(text);
    client.send(Buffer.from(text));
  }
  await recorder.when((self) => self.messages.length === 2 * SIZES.length);
  expect(recorder.messages).toEqual(sent.flatMap((text) => [text, text]));
  cases += recorder.messages.length;
  client.close(3000, 'done');
  await recorder.whenClosed();
  expect(recorder.end?.code).toBe(3000);
  server.close();
  return extensions;
}

test('a ws client without compression is echoed', async () => {
  const endpoint = await serve({ limits: GENEROUS, compression: {} }, serverOf);
  expect(await echoedByUs(endpoint.url, false)).toBe('');
});

test('a ws client is declined compression where we have none', async () => {
  const endpoint = await serve({ limits: GENEROUS }, serverOf);
  expect(await echoedByUs(endpoint.url, true)).toBe('');
});

for (const serverNoContextTakeover of [false, true]) {
  for (const clientNoContextTakeover of [false, true]) {
    const takeovers = `server ${serverNoContextTakeover ? 'without' : 'with'}, client ${clientNoContextTakeover ? 'without' : 'with'} takeover`;

    test(`a ws client with compression is echoed: ${takeovers}, all window bits`, async () => {
      for (const bits of BITS) {
        const options = {
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits: bits,
          clientMaxWindowBits: bits,
          compressFrom: 0,
        };
        const endpoint = await serve({ limits: GENEROUS, compression: options }, serverOf);
        const offer: PerMessageDeflateOptions = {
          threshold: 0,
          ...(bits === undefined ? {} : { clientMaxWindowBits: bits }),
        };
        expect(await echoedByUs(endpoint.url, offer), `${bits} bits`).toBe('permessage-deflate');
        // The same asked for by the client.
        const free = await serve(
          { limits: GENEROUS, compression: { serverNoContextTakeover: false, clientNoContextTakeover: false } },
          serverOf,
        );
        const demand: PerMessageDeflateOptions = {
          ...offer,
          serverNoContextTakeover,
          clientNoContextTakeover,
          ...(bits === undefined ? {} : { serverMaxWindowBits: bits }),
        };
        expect(await echoedByUs(free.url, demand), `${bits} bits`).toBe('permessage-deflate');
      }
    });

    test(`a ws server with compression echoes us: ${takeovers}, all window bits`, async () => {
      for (const bits of BITS) {
        const theirs: PerMessageDeflateOptions = { threshold: 0, serverNoContextTakeover, clientNoContextTakeover };
        const limited = bits === undefined ? {} : { serverMaxWindowBits: bits, clientMaxWindowBits: bits };
        expect(await echoedByWs({ ...theirs, ...limited }, { compressFrom: 0 })).toBe('permessage-deflate');
        const ours = { serverNoContextTakeover, clientNoContextTakeover, compressFrom: 0, ...limited };
        expect(await echoedByWs({ threshold: 0 }, ours)).toBe('permessage-deflate');
      }
    });
  }
}

test('a ws server without compression echoes us', async () => {
  expect(await echoedByWs(false, {})).toBe('');
  expect(await echoedByWs(true)).toBe('');
});

test('a prepared message reaches ws clients, compressed and plain', async () => {
  const text = sample(20_000, 1);
  const buffer = Buffer.from(`          ${text}`);
  const message = new PreparedMessage(buffer, 10, buffer.length);
  const endpoint = await serve({ compression: {} }, (socket) => {
    socket.sendPrepared(message);
    socket.sendPrepared(message);
  });
  const takeover = await serve({ compression: { serverNoContextTakeover: false } }, (socket) => {
    socket.sendPrepared(message);
    socket.sendPrepared(message);
  });
  for (const [url, perMessageDeflate] of [
    [endpoint.url, false],
    [endpoint.url, true],
    [endpoint.url, { serverMaxWindowBits: 9 }],
    [takeover.url, true],
  ] as const) {
    const client = new WsClient(url, { perMessageDeflate });
    const got: string[] = [];
    await new Promise<void>((resolve) => {
      client.on('message', (data: RawData) => {
        got.push(data.toString());
        if (got.length === 2) resolve();
      });
    });
    expect(got).toEqual([text, text]);
    client.terminate();
  }
  expect(message.compressed(15).length).toBeLessThan(text.length / 2);
});

test("pings and pongs cross, and ws's fragments are put together", async () => {
  const endpoint = await serve({ limits: GENEROUS, compression: {} }, serverOf);
  for (const perMessageDeflate of [false, true]) {
    const client = new WsClient(endpoint.url, { perMessageDeflate });
    await once(client, 'open');
    client.ping('are you there');
    expect(String((await once(client, 'pong'))[0])).toBe('are you there');
    client.send('one, ', { fin: false });
    client.ping('between');
    client.send('two, ', { fin: false });
    client.send('three', { fin: true });
    const [pong, message] = await Promise.all([once(client, 'pong'), once(client, 'message')]);
    expect(String(pong[0])).toBe('between');
    expect(String(message[0])).toBe('one, two, three');
    cases++;
    const ours = await endpoint.accepted();
    ours.ping(Buffer.from('from us'));
    expect(String((await once(client, 'ping'))[0])).toBe('from us');
    client.terminate();
  }
});
