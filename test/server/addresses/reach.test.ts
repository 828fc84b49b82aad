// The URLs that a server prints for other machines.

import type { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { urlsForOthers } from '../../../src/server/addresses/reach.ts';

type Interfaces = ReturnType<typeof networkInterfaces>;

const shared = { netmask: '', mac: '' };
const v4 = (address: string, internal = false) =>
  ({ ...shared, address, family: 'IPv4', internal, cidr: null }) as const;
const v6 = (address: string, internal = false) =>
  ({ ...shared, address, family: 'IPv6', internal, cidr: null, scopeid: 0 }) as const;

const INTERFACES: Interfaces = {
  lo: [v4('127.0.0.1', true), v6('::1', true)],
  eth0: [v4('192.168.1.20'), v4('169.254.7.7'), v6('fe80::1'), v6('2001:db8::20')],
  wlan0: [v4('10.0.0.7')],
};

it.each([
  { host: '0.0.0.0', urls: ['http://192.168.1.20:8080', 'http://10.0.0.7:8080'] },
  { host: '::', urls: ['http://192.168.1.20:8080', 'http://[2001:db8::20]:8080', 'http://10.0.0.7:8080'] },
  { host: '127.0.0.1', urls: [] },
  { host: '192.168.1.20', urls: [] },
])('on $host: $urls', ({ host, urls }) => {
  expect(urlsForOthers('http', host, 8080, INTERFACES)).toEqual(urls);
});

it('says https where there is TLS, and nothing on a machine without a network', () => {
  expect(urlsForOthers('https', '0.0.0.0', 443, INTERFACES)[0]).toBe('https://192.168.1.20:443');
  expect(urlsForOthers('http', '0.0.0.0', 8080, { lo: INTERFACES.lo })).toEqual([]);
});
