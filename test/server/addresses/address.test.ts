import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { clientAddress, isLoopbackAddress } from '../../../src/server/addresses/address.ts';
import { checkOrigin, type OriginPolicy } from '../../../src/server/http/origin.ts';

// Where a request comes from: the address that limits count by, and the web page behind it.

function requestFrom(remoteAddress: string, headers: readonly [string, string][] = []): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  request.rawHeaders = headers.flat();
  for (const [name, value] of headers) request.headers[name.toLowerCase()] = value;
  return request;
}

describe('an address', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.255.255.254', true],
    ['::1', true],
    ['128.0.0.1', false],
    ['::2', false],
    ['10.0.0.1', false],
  ])('%s: loopback is %s', (address, expected) => {
    expect(isLoopbackAddress(address)).toBe(expected);
    expect(clientAddress(requestFrom(address), false).isLoopback).toBe(expected);
  });

  it('of IPv4 written as IPv6 is the IPv4 one', () => {
    expect(clientAddress(requestFrom('::ffff:127.0.0.1'), false)).toEqual({
      text: '127.0.0.1',
      key: '127.0.0.1',
      scopes: [{ key: '127.0.0.1', share: 1 }],
      isLoopback: true,
    });
  });

  it('of IPv6 counts as its /64', () => {
    const key = (address: string) => clientAddress(requestFrom(address), false).key;
    expect(key('2001:db8:1:2:3:4:5:6')).toBe(key('2001:db8:1:2::9'));
    expect(key('2001:db8:1:2::1')).not.toBe(key('2001:db8:1:3::1'));
    expect(key('2001:db8::1')).toBe(key('2001:db8:0:0:ffff::'));
  });

  it('of IPv6 counts in wider networks too, more loosely', () => {
    const scopes = (address: string) => clientAddress(requestFrom(address), false).scopes;
    expect(scopes('2001:db8:1:2ff:3:4:5:6')).toEqual([
      { key: '2001:db8:1:2ff::/64', share: 1 },
      { key: '2001:db8:1:200::/56', share: 4 },
      { key: '2001:db8:1:0::/48', share: 16 },
    ]);
    expect(scopes('2001:DB8:1::1')).toEqual(scopes('2001:0db8:0001:0000::2'));
    expect(scopes('198.51.100.7')).toEqual([{ key: '198.51.100.7', share: 1 }]);
  });

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:50123', '198.51.100.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:50123', '2001:db8::7'],
    ['"[2001:db8::7]:50123"', '2001:db8::7'],
    ['"198.51.100.7"', '198.51.100.7'],
    ['\t198.51.100.7 ', '198.51.100.7'],
    ['192.0.2.1,198.51.100.7:1', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['[::FFFF:c633:6407]:80', '198.51.100.7'],
    ['2001:0DB8:0:0::0007', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7'],
  ])('is understood as proxies write it: %j', (value, text) => {
    const request = requestFrom('203.0.113.5', [['X-Forwarded-For', value]]);
    expect(clientAddress(request, true)).toMatchObject({ text, isLoopback: false });
  });

  it.each([
    '',
    'nonsense',
    'unknown',
    '_hidden',
    'unix:',
    '198.51.100.7,',
    '198.51.100.7:',
    '[198.51.100.7',
    '1.2.3:4',
  ])('is the proxy’s own where nothing can be made of what it forwards: %j', (value) => {
    const request = requestFrom('127.0.0.1', [['X-Forwarded-For', value]]);
    expect(clientAddress(request, true)).toMatchObject({ text: '127.0.0.1', isLoopback: false });
  });

  it('behind a trusted proxy is the last one forwarded, and never loopback', () => {
    const forwarded = (value: string, trust = true) =>
      clientAddress(requestFrom('127.0.0.1', [['X-Forwarded-For', value]]), trust);
    expect(forwarded('203.0.113.1, 198.51.100.7').text).toBe('198.51.100.7');
    expect(forwarded('127.0.0.1')).toMatchObject({ text: '127.0.0.1', isLoopback: false });
    expect(forwarded('198.51.100.7', false)).toMatchObject({ text: '127.0.0.1', isLoopback: true });
  });
});

describe('an origin', () => {
  const policy = { allowed: [new URL('https://chat.example.com')], loopbackOnly: true };
  const status = (host: string, origin?: string, different: Partial<OriginPolicy> = {}) => {
    const headers: [string, string][] = [['Host', host]];
    if (origin !== undefined) headers.push(['Origin', origin]);
    return checkOrigin(requestFrom('127.0.0.1', headers), { ...policy, ...different })?.status;
  };

  it.each([
    ['127.0.0.1:8080', undefined],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['localhost:8080', 'http://localhost:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['127.0.0.1:8080', 'https://chat.example.com'],
    ['chat.example.com', 'https://chat.example.com'],
  ])('passes: host %s, origin %s', (host, origin) => {
    expect(status(host, origin)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1:8080', 'http://127.0.0.1:8081'],
    ['127.0.0.1:8080', 'http://localhost:8080'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/path'],
    ['127.0.0.1:8080', 'http://user@127.0.0.1:8080'],
    ['127.0.0.1:8080', 'http://chat.example.com'],
    ['127.0.0.1:8080', 'null'],
    ['127.0.0.1:8080', ''],
    ['evil.example', undefined],
    ['127.0.0.1.evil.example', undefined],
    ['localhost.evil', 'http://localhost.evil'],
    ['0x7f000001.evil', undefined],
  ])('is refused: host %s, origin %s', (host, origin) => {
    expect(status(host, origin)).toBe(403);
  });

  it.each(['a b', 'x/y', 'user@localhost', '', '[::1', 'host:port'])('is malformed: host %j', (host) => {
    expect(status(host)).toBe(400);
  });

  it('of its own page passes on any name where nothing says how the server is called', () => {
    const anywhere = { allowed: [], loopbackOnly: false };
    expect(status('chat.lan:8080', 'http://chat.lan:8080', anywhere)).toBeUndefined();
    expect(status('chat.lan:8080', 'http://other.lan:8080', anywhere)).toBe(403);
  });

  it.each([
    ['chat.example.com', undefined],
    // Behind a port that is forwarded, or a proxy that leaves it out.
    ['chat.example.com:8443', undefined],
    ['CHAT.example.com', undefined],
    ['localhost:8080', undefined],
    ['127.0.0.1:8080', undefined],
    // An address cannot be rebound, and a name without a dot is nobody's elsewhere.
    ['198.51.100.7:8080', undefined],
    ['[2001:db8::1]:8080', undefined],
    [hostname(), undefined],
    ['chat.lan:8080', 403],
    ['198.51.100.7.evil.example', 403],
    ['chat.example.com.evil.example', 403],
    ['chat.example.com.', 403],
    ['2001-db8--1.evil.example', 403],
  ])('that is allowed says how a server bound to any address is called: host %s, %s', (host, expected) => {
    expect(status(host, undefined, { loopbackOnly: false })).toBe(expected);
    expect(status(host, `http://${host}`, { loopbackOnly: false })).toBe(expected);
  });
});
