// The driver over real sockets: delivery, back-pressure, fairness, the end of a connection, few writes.
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { Connection } from '../../src/websocket/connection.ts';
import { acceptValue } from '../../src/websocket/handshake.ts';
import { dial, PreparedMessage, WebSocket } from '../../src/websocket/index.ts';
import { connectTcp, Recorder, readUntil, serve, serveTcp, upgradeTcp } from './endpoints.ts';
import { frame, GENEROUS, readFrames } from './wire.ts';

const text = (payload: string | Buffer) => frame('client', { opcode: 1, payload });
const close = (code: number) => frame('client', { opcode: 8, payload: Buffer.from([code >> 8, code & 255]) });
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

/** A connection with a recorder on our side and a bare socket on the peer's. */
async function pair(options: Parameters<typeof serve>[0] = {}, recorder = new Recorder()) {
  const endpoint = await serve({ limits: GENEROUS, handler: recorder, ...options });
  const peer = await upgradeTcp(endpoint.port);
  return { peer, recorder, socket: await endpoint.accepted() };
}

test('messages arrive whole, and what is sent in one go comes out in order', async () => {
  const { peer, recorder, socket } = await pair();
  peer.write(Buffer.concat([text('one'), frame('client', { opcode: 2, payload: 'two' })]));
  await recorder.when((self) => self.messages.length === 2);
  expect(recorder.messages).toEqual(['one', 'two']);
  socket.send('text');
  socket.send(Buffer.from('binary'));
  socket.send(Buffer.from('text in a buffer'), false);
  socket.ping();
  const bytes = await readUntil(peer, (soFar) => soFar.length >= 6 + 8 + 18 + 2);
  expect(readFrames(bytes).map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
    [1, 'text'],
    [2, 'binary'],
    [1, 'text in a buffer'],
    [9, ''],
  ]);
  expect(socket.remoteAddress).toBe('127.0.0.1');
  expect(socket.state).toBe('open');
});

test('every byte that comes is counted, pongs too', async () => {
  const { peer, recorder, socket } = await pair();
  const before = socket.bytesReceived;
  const wire = Buffer.concat([frame('client', { opcode: 10, payload: 'pong' }), text('x')]);
  peer.write(wire);
  await recorder.when((self) => self.messages.length === 1);
  expect(socket.bytesReceived - before).toBe(wire.length);
});

test('pausing inside a message holds back the rest of its chunk; resuming goes on in order', async () => {
  const recorder = new Recorder();
  const { peer, socket } = await pair({}, recorder);
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    record(data, binary);
    socket.pause();
  };
  peer.write(Buffer.concat(numbered(0, 20).map(text)));
  for (let count = 1; count <= 20; count++) {
    await recorder.when((self) => self.messages.length === count);
    // Nothing more until it is resumed, however many turns go by.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(recorder.messages.length).toBe(count);
    socket.resume();
    expect(recorder.messages.length, 'not inside resume').toBe(count);
  }
  expect(recorder.messages).toEqual(numbered(0, 20));
});

test('pausing and resuming inside one message changes nothing', async () => {
  const recorder = new Recorder();
  const { peer, socket } = await pair({}, recorder);
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    socket.pause();
    record(data, binary);
    socket.resume();
    socket.resume();
  };
  peer.write(Buffer.concat(numbered(0, 100).map(text)));
  await recorder.when((self) => self.messages.length === 100);
  expect(recorder.messages).toEqual(numbered(0, 100));
});

test('a paused connection is not read: the peer is held back, and nothing is lost', async () => {
  const { peer, recorder, socket } = await pair();
  socket.pause();
  const wire = text(Buffer.alloc(65_000, 'x'));
  let sent = 0;
  // Until the peer's own buffers are full too.
  while (peer.writableLength < 4 * 1024 * 1024) {
    peer.write(wire);
    sent++;
    if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(recorder.messages.length).toBe(0);
  expect(socket.bytesReceived).toBeLessThan(200_000);
  socket.resume();
  await recorder.when((self) => self.messages.length === sent);
});

test('one connection is given at most one chunk a turn, so that the others have theirs', async () => {
  let thisTurn = 0;
  let most = 0;
  let turns = true;
  const onTurn = () => {
    most = Math.max(most, thisTurn);
    thisTurn = 0;
    if (turns) setImmediate(onTurn);
  };
  const recorder = new Recorder();
  const { peer } = await pair({}, recorder);
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    thisTurn += data.length;
    record(data, binary);
  };
  const wire = Buffer.concat(Array.from({ length: 8000 }, () => text(Buffer.alloc(1000, 'x'))));
  setImmediate(onTurn);
  peer.write(wire);
  await recorder.when((self) => self.messages.length === 8000);
  turns = false;
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2 * 65_536);
});

test('output that the peer does not read is counted, and its end is told once', async () => {
  const { peer, recorder, socket } = await pair();
  peer.pause();
  const message = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 16; i++) socket.send(message, false);
  expect(socket.bufferedBytes).toBeGreaterThan(8 * 1024 * 1024);
  expect(recorder.drains).toBe(0);
  const all = readUntil(peer, (bytes) => bytes.length === 16 * (message.length + 10));
  await recorder.when((self) => self.drains > 0);
  expect(socket.bufferedBytes).toBe(0);
  expect((await all).length).toBe(16 * (message.length + 10));
  expect(recorder.drains).toBe(1);
});

test('a flood of pings from a peer that does not read piles up no pongs; the latest is answered', async () => {
  const { peer, recorder, socket } = await pair({ controlRate: 1e9 });
  peer.pause();
  socket.send(Buffer.alloc(16 * 1024 * 1024), true);
  const before = socket.bufferedBytes;
  const pings = Array.from({ length: 20_000 }, (_, i) => frame('client', { opcode: 9, payload: `ping ${i}` }));
  peer.write(Buffer.concat([...pings, text('end of the pings')]));
  await recorder.when((self) => self.messages.length === 1);
  expect(socket.bufferedBytes - before).toBeLessThan(65_536);
  const bytes = await readUntil(peer, (soFar) => soFar.subarray(-30).includes('ping 19999'));
  expect(readFrames(bytes).at(-1)?.payload.toString()).toBe('ping 19999');
});

test('a flood of pings is slowed down by not reading: after a burst only so many a second', async () => {
  const { peer, recorder, socket } = await pair({ controlRate: 0.001 });
  const pings = Array.from({ length: 300 }, (_, i) => frame('client', { opcode: 9, payload: `${i}` }));
  peer.write(Buffer.concat([...pings, text('behind the flood')]));
  const pongs = await readUntil(peer, (bytes) => bytes.includes(Buffer.from([0x8a, 3, 0x31, 0x30, 0x30])));
  expect(readFrames(pongs).length).toBe(101);
  // Others are not slowed down meanwhile.
  const other = await pair();
  other.peer.write(text('x'));
  await other.recorder.when((self) => self.messages.length === 1);
  expect(recorder.messages).toEqual([]);
  socket.terminate();
  await recorder.whenClosed();
  expect(recorder.end?.code).toBe(1006);
});

test('closing discards what was received and not delivered', async () => {
  const recorder = new Recorder();
  const { peer, socket } = await pair({}, recorder);
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    record(data, binary);
    socket.close(4000, 'enough');
    socket.send('never sent');
    socket.close(4001, 'again');
  };
  peer.write(Buffer.concat([...numbered(0, 50).map(text), close(4000)]));
  const bytes = await readUntil(peer);
  await recorder.whenClosed();
  expect(recorder.messages).toEqual(['0']);
  expect(readFrames(bytes).map((sent) => sent.payload.toString('latin1'))).toEqual(['\x0f\xa0enough']);
  expect(recorder.end).toEqual({ code: 4000, reason: '' });
});

test('closing discards what a pause had held back, and still sees the answer', async () => {
  const { peer, recorder, socket } = await pair();
  peer.write(Buffer.concat([text('first'), text('held')]));
  await recorder.when((self) => self.messages.length === 2);
  socket.pause();
  peer.write(Buffer.concat([text('never delivered'), close(1000)]));
  peer.resume();
  socket.close(1012, 'restarting');
  await recorder.whenClosed();
  expect(recorder.end?.code).toBe(1000);
  expect(recorder.messages.length).toBe(2);
});

test('pausing and closing inside one message still sees the answer', async () => {
  const { peer, recorder, socket } = await pair();
  recorder.message = () => {
    socket.pause();
    socket.close(4000);
  };
  peer.write(text('first'));
  await readUntil(peer, (soFar) => soFar.length >= 4);
  peer.write(close(4000));
  await recorder.whenClosed();
  expect(recorder.end?.code).toBe(4000);
});

test('pausing and resuming inside one message goes on reading', async () => {
  const { peer, recorder, socket } = await pair();
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    socket.pause();
    socket.resume();
    record(data, binary);
  };
  for (let count = 1; count <= 3; count++) {
    peer.write(text(`${count}`));
    await recorder.when((self) => self.messages.length === count);
  }
});

test('terminating discards what was received and not delivered, and reports 1006 once', async () => {
  const recorder = new Recorder();
  const { peer, socket } = await pair({}, recorder);
  const record = recorder.message.bind(recorder);
  recorder.message = (data, binary) => {
    record(data, binary);
    socket.terminate();
    socket.terminate();
    socket.send('never sent');
  };
  peer.write(Buffer.concat(numbered(0, 50).map(text)));
  await recorder.whenClosed();
  expect((await readUntil(peer)).length).toBe(0);
  expect(recorder.messages).toEqual(['0']);
  expect(recorder.end).toEqual({ code: 1006, reason: '' });
  expect(recorder.ends).toBe(1);
  expect(socket.state).toBe('closed');
});

test('RFC 6455 §7.1.1 the server ends TCP once both Close frames are done, and whatever comes then is dropped', async () => {
  const { peer, recorder, socket } = await pair();
  peer.write(Buffer.concat([close(3001), text('late')]));
  const bytes = await readUntil(peer);
  await recorder.whenClosed();
  expect(readFrames(bytes).map((sent) => [sent.opcode, sent.payload.readUInt16BE(0)])).toEqual([[8, 3001]]);
  expect(recorder.end).toEqual({ code: 3001, reason: '' });
  expect(recorder.messages).toEqual([]);
  socket.send('x');
  socket.ping();
  socket.close();
  socket.pause();
  socket.resume();
  expect(socket.state).toBe('closed');
});

test('RFC 6455 §7.1.7 a peer at fault gets the reason, and cannot hold the connection open by sending on', async () => {
  const { peer, recorder } = await pair({ closeTimeout: 100 });
  peer.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
  peer.write(Buffer.alloc(100_000));
  const bytes = await readUntil(peer, (soFar) => soFar.includes('reserved opcode'));
  expect(bytes.readUInt16BE(2)).toBe(1002);
  await recorder.whenClosed();
  expect(recorder.end).toEqual({ code: 1002, reason: 'reserved opcode' });
});

test('RFC 6455 §7.1.1 a client leaves it to the server to end TCP, but does not wait for ever', async () => {
  const endpoint = await serve({}, (socket) => socket.close(1001, 'going'));
  const recorder = new Recorder();
  await dial(endpoint.url, { handler: recorder });
  await recorder.whenClosed();
  expect(recorder.end).toEqual({ code: 1001, reason: 'going' });

  let endedFirst: boolean | undefined;
  const port = await serveTcp(async (socket) => {
    const request = (await readUntil(socket, (bytes) => bytes.includes('\r\n\r\n'))).toString();
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? '';
    let ended = false;
    socket.on('end', () => {
      ended = true;
    });
    socket.write('HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
    socket.write(`Sec-WebSocket-Accept: ${acceptValue(key)}\r\n\r\n`);
    socket.write(frame('server', { opcode: 8, payload: Buffer.from([3, 232]) }));
    await readUntil(socket, (bytes) => bytes.length >= 8);
    socket.resume();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    endedFirst = ended;
    if (request.includes('/kind')) socket.end();
  });
  for (const [path, closeTimeout] of [
    ['kind', 10_000],
    ['stubborn', 50],
  ] as const) {
    const held = new Recorder();
    await dial(`ws://127.0.0.1:${port}/${path}`, { handler: held, closeTimeout });
    await held.whenClosed();
    expect(held.end).toEqual({ code: 1000, reason: '' });
    if (path === 'kind') expect(endedFirst).toBe(false);
  }
});

test('a peer that never answers a Close is cut off when the time is up', async () => {
  const { recorder, socket } = await pair({ closeTimeout: 20 });
  socket.close();
  expect(socket.state).toBe('closing');
  await recorder.whenClosed();
  expect(recorder.end).toEqual({ code: 1006, reason: '' });
});

test('a peer that goes without a Close is reported as 1006, once: by its end, by a reset', async () => {
  for (const leave of ['end', 'reset'] as const) {
    const { peer, recorder } = await pair();
    peer.write(text('last words'));
    await recorder.when((self) => self.messages.length === 1);
    if (leave === 'end') peer.end();
    else peer.resetAndDestroy();
    await recorder.whenClosed();
    expect(recorder.end).toEqual({ code: 1006, reason: '' });
    expect(recorder.ends).toBe(1);
  }
});

test('what came before the end of the peer is delivered first', async () => {
  const { peer, recorder } = await pair();
  peer.end(Buffer.concat(numbered(0, 500).map(text)));
  await recorder.whenClosed();
  expect(recorder.messages).toEqual(numbered(0, 500));
});

test('a handler that throws ends its own connection with 1011, and its error is told', async () => {
  const errors: unknown[] = [];
  const recorder = new Recorder();
  const { peer } = await pair({ onError: (error) => errors.push(error) }, recorder);
  recorder.message = () => {
    throw new Error('the handler is broken');
  };
  peer.write(Buffer.concat([text('one'), text('two')]));
  const bytes = await readUntil(peer, (soFar) => soFar.length > 3);
  expect(bytes.readUInt16BE(2)).toBe(1011);
  peer.write(close(1011));
  await recorder.whenClosed();
  expect(errors).toEqual([new Error('the handler is broken')]);
});

test('a handler that throws in drained or closed is told too', async () => {
  const errors: unknown[] = [];
  const recorder = new Recorder();
  const { peer, socket } = await pair({ onError: (error) => errors.push(error) }, recorder);
  recorder.drained = () => {
    throw new Error('in drained');
  };
  const closed = new Promise<void>((resolve) => {
    recorder.closed = () => {
      resolve();
      throw new Error('in closed');
    };
  });
  peer.pause();
  socket.send(Buffer.alloc(16 * 1024 * 1024));
  await readUntil(peer, (bytes) => bytes.length > 16 * 1024 * 1024 + 10);
  peer.destroy();
  await closed;
  expect(errors.map(String)).toEqual(['Error: in drained', 'Error: in closed']);
});

test('a prepared message is one frame for all, in order with what was sent before', async () => {
  const buffer = Buffer.from('headroom..a line\n');
  const message = new PreparedMessage(buffer, 10, buffer.length);
  const recorder = new Recorder();
  const { peer, socket } = await pair({}, recorder);
  recorder.message = () => {
    socket.send('before');
    socket.sendPrepared(message);
    socket.send('after');
  };
  peer.write(text('go'));
  const bytes = await readUntil(peer, (soFar) => soFar.includes('after'));
  expect(readFrames(bytes).map((sent) => sent.payload.toString())).toEqual(['before', 'a line\n', 'after']);
  socket.sendPrepared(message);
  const direct = await readUntil(peer, (soFar) => soFar.length >= 9);
  expect(direct.equals(message.plain)).toBe(true);
  socket.close();
  socket.sendPrepared(message);
  peer.write(close(1000));
  expect(readFrames(await readUntil(peer)).map((sent) => sent.opcode)).toEqual([8]);
});

/** A stream that counts how often it is written to. */
class CountingTransport extends Duplex {
  readonly remoteAddress = undefined;
  readonly writes: number[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.writes.push(chunk.length);
    callback();
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    callback();
  }
}

test('what one chunk gives to send goes out in one write', async () => {
  const transport = new CountingTransport();
  const recorder = new Recorder();
  const socket = new WebSocket(new Connection('server', GENEROUS), transport, Buffer.alloc(0), { handler: recorder });
  recorder.message = () => {
    for (let i = 0; i < 5; i++) socket.send('x'.repeat(10_000));
    recorder.messages.push('done');
  };
  const pings = Array.from({ length: 10 }, () => frame('client', { opcode: 9, payload: 'p' }));
  transport.push(Buffer.concat([...pings, text('go'), ...pings]));
  await once(transport, 'data');
  expect(transport.writes).toEqual([20 * 3 + 5 * 10_004]);
  transport.destroy();
});

test('a handler that pauses while held input is handed over leaves the transport paused', async () => {
  const transport = new CountingTransport();
  const recorder = new Recorder();
  const socket = new WebSocket(new Connection('server', GENEROUS), transport, Buffer.concat([text('a'), text('b')]), {
    handler: recorder,
  });
  recorder.message = (data) => {
    recorder.messages.push(data.toString());
    socket.pause();
  };
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(recorder.messages).toEqual(['a']);
  expect(transport.isPaused()).toBe(true);
  transport.destroy();
});

test('a connection that ends while input is held back starts no timer any more', async () => {
  const transport = new CountingTransport();
  const recorder = new Recorder();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  new WebSocket(new Connection('server', GENEROUS), transport, text('never delivered'), { handler: recorder });
  transport.destroy();
  await recorder.whenClosed();
  expect(recorder.messages).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  // One of an earlier test may have run out meanwhile.
  expect(timers()).toBeLessThanOrEqual(before);
});

test('20,000 good messages pass after a hundred bad peers', async () => {
  const recorder = new Recorder();
  const endpoint = await serve({ handler: recorder, closeTimeout: 1000 });
  for (let i = 0; i < 100; i++) {
    const bad = await connectTcp(endpoint.port);
    bad.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n');
    if (i % 2 === 0) bad.resetAndDestroy();
    else await readUntil(bad);
  }
  const good = await upgradeTcp(endpoint.port);
  good.write(Buffer.concat(numbered(0, 20_000).map(text)));
  await recorder.when((self) => self.messages.length === 20_000);
  expect(recorder.messages).toEqual(numbered(0, 20_000));
});
