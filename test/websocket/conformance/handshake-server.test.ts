// RFC 6455 §4.2, §4.4, §9.1: the server's side of the opening handshake. What a real socket sees is in accept.test.ts.
//
// | clause   | what                                          | clause   | what                                         |
// |----------|-----------------------------------------------|----------|----------------------------------------------|
// | §4.2.1.1 | GET, HTTP/1.1                                 | §4.2.1.6 | Sec-WebSocket-Version, §4.4: 426 and ours    |
// | §4.2.1.2 | Host                                          | §4.2.1.8 | Sec-WebSocket-Protocol                       |
// | §4.2.1.3 | Upgrade, §4.2.1.4 Connection                  | §4.2.1.9 | Sec-WebSocket-Extensions, §9.1 its grammar   |
// | §4.2.1.5 | Sec-WebSocket-Key: 16 bytes, once             | §4.2.2   | Sec-WebSocket-Accept                         |
import { expect, test } from 'vitest';
import { acceptValue } from '../../../src/websocket/handshake.ts';
import { checkUpgrade, type Handshake, isRefusal, type Refusal } from '../../../src/websocket/index.ts';

const GOOD: readonly [string, string][] = [
  ['Host', 'localhost:8080'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

interface Change {
  method?: string;
  httpVersion?: string;
  /** Instead of the good fields of the same name; none to leave it out. */
  fields?: readonly [string, ...string[]];
}

function check({ method = 'GET', httpVersion = '1.1', fields }: Change): Handshake | Refusal {
  const [name, ...values] = fields ?? [''];
  const kept = GOOD.filter(([field]) => field !== name);
  const added = values.map((value): [string, string] => [name, value]);
  return checkUpgrade({ method, httpVersion, rawHeaders: [...kept, ...added].flat() });
}

function status(change: Change): number {
  const result = check(change);
  return isRefusal(result) ? result.status : 101;
}

function accepted(change: Change): Handshake {
  const result = check(change);
  if (isRefusal(result)) throw new Error(result.message);
  return result;
}

test('§4.2.1 a request as the RFC has it is accepted', () => {
  expect(accepted({})).toEqual({ key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: [], extensions: [] });
});

test("§4.2.2 the accept value of the RFC's example", () => {
  expect(acceptValue('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('§4.2.1.1 a method other than GET gets 405 and is told which, an older HTTP 400', () => {
  for (const method of ['POST', 'HEAD', 'CONNECT', 'get']) {
    expect(check({ method })).toMatchObject({ status: 405, headers: { Allow: 'GET' } });
  }
  for (const httpVersion of ['1.0', '0.9', '2.0', '']) expect(status({ httpVersion })).toBe(400);
});

test('§4.2.1.2 a request without a Host, or with two, gets 400', () => {
  expect(status({ fields: ['Host'] })).toBe(400);
  expect(status({ fields: ['Host', 'a', 'b'] })).toBe(400);
});

test('§4.2.1.3 §4.2.1.4 Upgrade and Connection are lists of tokens in any case', () => {
  for (const value of ['WebSocket', 'WEBSOCKET', 'h2c, websocket', ' websocket ,', 'websocket,x']) {
    expect(status({ fields: ['Upgrade', value] }), value).toBe(101);
  }
  for (const value of ['upgrade', 'UPGRADE', 'keep-alive, Upgrade', 'Upgrade,close', ',, upgrade']) {
    expect(status({ fields: ['Connection', value] }), value).toBe(101);
  }
  expect(status({ fields: ['Connection', 'keep-alive', 'Upgrade'] })).toBe(101);
  for (const name of ['Upgrade', 'Connection']) {
    for (const value of ['', 'websockets', 'upgraded', 'web socket', '"websocket"', 'x=upgrade', 'close', ',']) {
      expect(status({ fields: [name, value] }), `${name}: ${value}`).toBe(400);
    }
    expect(status({ fields: [name] })).toBe(400);
  }
});

test('§4.2.1.5 a key that is not 16 bytes in base64, once, gets 400', () => {
  for (const size of [0, 1, 15, 17, 32]) {
    expect(status({ fields: ['Sec-WebSocket-Key', Buffer.alloc(size, 7).toString('base64')] }), `${size}`).toBe(400);
  }
  for (const key of [
    'dGhlIHNhbXBsZSBub25jZQ',
    'dGhlIHNhbXBsZSBub25jZQ=!',
    'dGhlIHNhbXBsZSBub25jZR==',
    '=====================---',
  ]) {
    expect(status({ fields: ['Sec-WebSocket-Key', key] }), key).toBe(400);
  }
  expect(status({ fields: ['Sec-WebSocket-Key'] })).toBe(400);
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  expect(status({ fields: ['Sec-WebSocket-Key', key, key] })).toBe(400);
  expect(status({ fields: ['Sec-WebSocket-Key', `${key}, ${key}`] })).toBe(400);
  expect(status({ fields: ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='] })).toBe(101);
});

test('§4.4 another version gets 426 and is told ours', () => {
  for (const version of ['8', '7', '0', '14', '255', '013', '13.0', '', '13, 8', 'x']) {
    expect(check({ fields: ['Sec-WebSocket-Version', version] }), version).toMatchObject({
      status: 426,
      headers: { 'Sec-WebSocket-Version': '13' },
    });
  }
  expect(status({ fields: ['Sec-WebSocket-Version'] })).toBe(400);
  expect(status({ fields: ['Sec-WebSocket-Version', '13', '13'] })).toBe(400);
});

test('§4.2.1 a request with a body gets 400: it would be taken for frames', () => {
  expect(status({ fields: ['Content-Length', '5'] })).toBe(400);
  expect(status({ fields: ['Content-Length', '0', '5'] })).toBe(400);
  expect(status({ fields: ['Content-Length', '0'] })).toBe(101);
  expect(status({ fields: ['Transfer-Encoding', 'chunked'] })).toBe(400);
});

test('§4.2.1.8 subprotocols come in order, over several fields; doubled or malformed ones get 400', () => {
  expect(accepted({ fields: ['Sec-WebSocket-Protocol', 'roomchat.v1, b', 'c'] }).protocols).toEqual([
    'roomchat.v1',
    'b',
    'c',
  ]);
  for (const value of ['', ',', 'a, a', 'a b', 'a;b', 'sch\u00f6n', '\u0000', 'a"b', 'constructor(x)']) {
    expect(status({ fields: ['Sec-WebSocket-Protocol', value] }), value).toBe(400);
  }
  expect(status({ fields: ['Sec-WebSocket-Protocol', 'a', 'a'] })).toBe(400);
  expect(accepted({ fields: ['Sec-WebSocket-Protocol', '__proto__, constructor'] }).protocols.length).toBe(2);
});

test('§9.1 extensions come in order, over several fields; malformed ones get 400', () => {
  const handshake = accepted({ fields: ['Sec-WebSocket-Extensions', 'a; x=1; y', 'b; z="2"'] });
  expect(handshake.extensions).toEqual([
    {
      name: 'a',
      parameters: [
        { name: 'x', value: '1' },
        { name: 'y', value: undefined },
      ],
    },
    { name: 'b', parameters: [{ name: 'z', value: '2' }] },
  ]);
  for (const value of [
    '',
    ';',
    'a;',
    'a b',
    'a; =1',
    'a; x=',
    'a; x="',
    'a; x="1',
    'a; x=""',
    'a; x="b c"',
    'a; x=1 y',
  ]) {
    expect(status({ fields: ['Sec-WebSocket-Extensions', value] }), value).toBe(400);
  }
});

test('CVE-2024-37890 headers that were dropped for their number are missed, not trusted to be there', () => {
  for (let kept = 0; kept < GOOD.length; kept++) {
    const rawHeaders = [...GOOD.slice(0, kept).flat(), ...Array.from({ length: 4000 }, (_, i) => `x${i}`)];
    expect(checkUpgrade({ method: 'GET', httpVersion: '1.1', rawHeaders })).toMatchObject({ status: 400 });
  }
});

test('CVE-2026-21710 headers named like members of an object are only names', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const rawHeaders = [...GOOD.flat(), name, 'x', name, 'y'];
    expect(checkUpgrade({ method: 'GET', httpVersion: '1.1', rawHeaders })).toMatchObject({ protocols: [] });
    expect(checkUpgrade({ method: 'GET', httpVersion: '1.1', rawHeaders: [name, 'x'] })).toMatchObject({ status: 400 });
  }
  expect(accepted({ fields: ['Sec-WebSocket-Extensions', 'constructor'] }).extensions[0]?.name).toBe('constructor');
  expect(accepted({ fields: ['Sec-WebSocket-Extensions', 'x; __proto__'] }).extensions[0]?.parameters.length).toBe(1);
});

/** Checks a field of about a megabyte, and that no step of that was quadratic in its length. */
function quick(fields: readonly [string, ...string[]]): void {
  const started = process.cpuUsage();
  check({ fields });
  const { user } = process.cpuUsage(started);
  // A quadratic parser needs minutes for this, a linear one a few milliseconds.
  expect(user).toBeLessThan(2_000_000);
}

test('CVE-2021-32640 a protocol field of a megabyte of spaces costs no more than its length', () => {
  quick(['Sec-WebSocket-Protocol', `a${' '.repeat(1_000_000)}b`]);
  quick(['Sec-WebSocket-Protocol', Array.from({ length: 200_000 }, (_, i) => `p${i}`).join(', ')]);
});

test('CVE-2020-7663 an extension field of a megabyte of backslashes or commas costs no more than its length', () => {
  quick(['Sec-WebSocket-Extensions', `a; b="${'\\a'.repeat(500_000)}`]);
  quick(['Sec-WebSocket-Extensions', `a; b="${'\\"'.repeat(500_000)}`]);
  quick(['Sec-WebSocket-Extensions', `a${' ;x'.repeat(300_000)}`]);
  quick(['Sec-WebSocket-Extensions', `a${','.repeat(1_000_000)} `]);
  quick(['Upgrade', `websocket${' '.repeat(1_000_000)},`]);
});
