// RFC 6455 §4.1: the client's side of the opening handshake, against a TCP server that answers by hand.
//
// | rule of §4.1                                             | tests                                |
// |----------------------------------------------------------|--------------------------------------|
// | the request: GET, Host, Upgrade, Connection, Key, Version| request                              |
// | key: 16 random bytes, new for each connection            | request                              |
// | status other than 101: HTTP semantics                    | refused, redirects                   |
// | Upgrade, Connection, Accept are checked                  | each wrong answer fails              |
// | extensions and subprotocol only where offered            | each wrong answer fails, subprotocol |
// | §3: URIs                                                 | URLs                                 |
import { expect, test } from 'vitest';
import { acceptValue } from '../../../src/websocket/handshake.ts';
import { DialError, type DialOptions, dial, type WebSocket } from '../../../src/websocket/index.ts';
import { readUntil, serveTcp } from '../endpoints.ts';

interface Exchange {
  requests: string[];
  result: Promise<WebSocket>;
}

/** Dials a server that answers each request with `answer(key)`. */
async function exchange(
  answer: (key: string) => string,
  options: DialOptions = {},
  path = '/rooms/lobby?x=1',
): Promise<Exchange> {
  const requests: string[] = [];
  const port = await serveTcp((socket) => {
    void readUntil(socket, (bytes) => bytes.includes('\r\n\r\n')).then((bytes) => {
      const request = bytes.toString('latin1');
      requests.push(request);
      socket.write(answer(/^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? ''), 'latin1');
    });
  });
  return { requests, result: dial(`ws://127.0.0.1:${port}${path}`, options) };
}

interface Fields {
  status?: string;
  upgrade?: string;
  connection?: string;
  accept?: string;
  more?: string;
}

function response(key: string, fields: Fields = {}): string {
  const { status = '101 Switching Protocols', upgrade = 'Upgrade: websocket\r\n' } = fields;
  const { connection = 'Connection: Upgrade\r\n', more = '' } = fields;
  const accept = fields.accept ?? `Sec-WebSocket-Accept: ${acceptValue(key)}\r\n`;
  return `HTTP/1.1 ${status}\r\n${upgrade}${connection}${accept}${more}\r\n`;
}

async function failure(fields: Fields | ((key: string) => string), options?: DialOptions): Promise<DialError> {
  const { result } = await exchange(typeof fields === 'function' ? fields : (key) => response(key, fields), options);
  const error = await result.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DialError)) throw error;
  return error;
}

test('§4.1 the request has what a server needs, and a new key each time', async () => {
  const keys = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const { requests, result } = await exchange(response, { headers: { 'User-Agent': 'test' }, protocols: ['a', 'b'] });
    (await result).terminate();
    const request = requests[0] ?? '';
    expect(request).toMatch(/^GET \/rooms\/lobby\?x=1 HTTP\/1\.1\r\n/);
    for (const line of [
      /^host: 127\.0\.0\.1:\d+\r$/im,
      /^upgrade: websocket\r$/im,
      /^connection: upgrade\r$/im,
      /^sec-websocket-version: 13\r$/im,
      /^sec-websocket-protocol: a, b\r$/im,
      /^user-agent: test\r$/im,
    ]) {
      expect(request).toMatch(line);
    }
    expect(request).not.toMatch(/^sec-websocket-extensions/im);
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? '';
    expect(Buffer.from(key, 'base64').length).toBe(16);
    keys.add(key);
  }
  expect(keys.size).toBe(3);
});

test('§4.1 the values of Upgrade and Connection may be in any case, Connection a list', async () => {
  const { result } = await exchange((key) =>
    response(key, { upgrade: 'uPgRaDe:  WEBSOCKET \r\n', connection: 'Connection: keep-alive, UPGRADE\r\n' }),
  );
  (await result).terminate();
});

test('§4.1 each wrong answer fails', async () => {
  const wrong: Fields[] = [
    { upgrade: '' },
    { upgrade: 'Upgrade: h2c\r\n' },
    { upgrade: 'Upgrade: websockets\r\n' },
    { upgrade: 'Upgrade: websocket\r\nUpgrade: websocket\r\n' },
    { connection: '' },
    { connection: 'Connection: close\r\n' },
    { accept: '' },
    { accept: 'Sec-WebSocket-Accept: \r\n' },
    { accept: 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n' },
    { more: 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n' },
    { more: 'Sec-WebSocket-Protocol: roomchat.v1\r\n' },
    { more: 'Sec-WebSocket-Protocol: \r\n' },
    { more: 'Sec-WebSocket-Extensions: permessage-deflate\r\n' },
    { more: 'Sec-WebSocket-Extensions: constructor\r\n' },
    { more: 'Sec-WebSocket-Extensions: ;\r\n' },
  ];
  for (const fields of wrong) {
    expect((await failure(fields)).kind, JSON.stringify(fields)).toBe('not-websocket');
  }
  expect((await failure((key) => response(key).replace(acceptValue(key), acceptValue(key).toLowerCase()))).kind).toBe(
    'not-websocket',
  );
});

test('§4.1 a subprotocol is taken only if it was offered, once, in its own case', async () => {
  const options = { protocols: ['roomchat.v1', 'other'] };
  const more = (value: string) => ({ more: `Sec-WebSocket-Protocol: ${value}\r\n` });
  const { result } = await exchange((key) => response(key, more('other')), options);
  const socket = await result;
  expect(socket.protocol).toBe('other');
  socket.terminate();
  for (const value of ['ROOMCHAT.V1', 'roomchat.v1, other', 'third', '', 'other\r\nSec-WebSocket-Protocol: other']) {
    expect((await failure(more(value), options)).kind, value).toBe('not-websocket');
  }
  const none = await exchange(response, options);
  expect((await none.result).protocol).toBe('');
});

test('RFC 7692 §7 an answer to the offer of compression that is not acceptable fails', async () => {
  const more = (value: string) => ({ more: `Sec-WebSocket-Extensions: ${value}\r\n` });
  for (const value of [
    'x',
    'permessage-deflate, permessage-deflate',
    'permessage-deflate; server_max_window_bits=1000',
  ]) {
    expect((await failure(more(value), { compression: {} })).kind, value).toBe('not-websocket');
  }
  const { requests, result } = await exchange((key) => response(key, more('permessage-deflate')), { compression: {} });
  (await result).terminate();
  expect(requests[0]).toMatch(/^sec-websocket-extensions: permessage-deflate; client_max_window_bits\r$/im);
});

test('§4.1 another status is a refusal with what the server says, bounded', async () => {
  const body = `${'x'.repeat(20_000)}`;
  const error = await failure(
    () => `HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(error.kind).toBe('refused');
  expect(error.response?.status).toBe(503);
  expect(error.response?.rawHeaders).toContain('Retry-After');
  expect(error.response?.body).toBe('x'.repeat(8192));
  const redirect = await failure(
    () => 'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
  );
  expect([redirect.kind, redirect.response?.status]).toEqual(['refused', 302]);
  const cutOff = await failure(() => 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
  expect(cutOff.response?.body).toBe('no');
});

test('§4.1 what is not HTTP at all is no WebSocket', async () => {
  expect((await failure(() => 'SSH-2.0-OpenSSH_9.6\r\n')).kind).toBe('not-websocket');
  expect((await failure(() => '\x00\x01\x02\x03\r\n\r\n')).kind).toBe('not-websocket');
});

test('§3 URLs without a host, with a fragment or of another scheme are refused', async () => {
  for (const url of ['ftp://127.0.0.1/', 'ws://127.0.0.1:1/#fragment', 'not a url', 'ws://', 'file:///etc/passwd']) {
    await expect(dial(url), url).rejects.toBeInstanceOf(TypeError);
  }
});
