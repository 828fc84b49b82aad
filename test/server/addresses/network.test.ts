// Networks as an admin writes them: what is read, in which one form it is shown, and what is refused in which words.

import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contains,
  formatNetwork,
  type Network,
  networkOf,
  parseAddress,
  parseNetwork,
} from '../../../src/server/addresses/network.ts';

const read = (text: string): string => formatNetwork(parseNetwork(text));

describe('a network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    // What one customer has.
    ['2001:db8::1', '2001:db8::/64'],
    ['[2001:db8::1]', '2001:db8::/64'],
    ['[2001:db8::]/48', '2001:db8::/48'],
    ['2001:DB8:0:0:0:0:0:1/128', '2001:db8::1/128'],
    ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'],
    ['1:2:3:4:5:6:7::/112', '1:2:3:4:5:6:7:0/112'],
    ['::/0', '::/0'],
    ['64:ff9b::192.0.2.33/128', '64:ff9b::c000:221/128'],
    // IPv4, written as IPv6.
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['[::ffff:203.0.113.7]', '203.0.113.7'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('%s is %s', (text, shown) => {
    expect(read(text)).toBe(shown);
  });

  it.each([
    ['203.0.113.7/24', /write 203\.0\.113\.0\/24 for all/],
    ['2001:db8::1/64', /write 2001:db8::\/64 for all/],
    ['::ffff:203.0.113.7/120', /write 203\.0\.113\.0\/24 for all/],
    ['203.0.113.0/33', /from 0 to 32/],
    ['::/129', /from 0 to 128/],
    ['203.0.113.0/', /from 0 to 32/],
    ['203.0.113.0/-1', /from 0 to 32/],
    ['203.0.113.0/2 4', /from 0 to 32/],
    ['203.0.113.0/24/24', /neither an IP address/],
    ['203.0.113', /neither an IP address/],
    ['203.0.113.256', /neither an IP address/],
    ['0203.0.113.7', /neither an IP address/],
    ['fe80::1%eth0', /neither an IP address/],
    ['[203.0.113.7', /neither an IP address/],
    ['example.com', /neither an IP address/],
    ['/24', /neither an IP address/],
    ['', /neither an IP address/],
  ])('%s is refused in words', (text, sentence) => {
    expect(() => parseNetwork(text)).toThrow(sentence);
  });

  const bits = (family: 4 | 6) => fc.bigInt(0n, (1n << (family === 4 ? 32n : 128n)) - 1n);
  const networks = fc
    .constantFrom<4 | 6>(4, 6)
    .chain((family) =>
      fc
        .tuple(bits(family), fc.nat(family === 4 ? 32 : 128))
        .map(([all, length]): Network => networkOf({ family, bits: all, length }, length)),
    );

  it('is read back from what is shown, whichever it is', () => {
    fc.assert(
      fc.property(networks, (network) => {
        const shown = formatNetwork(network);
        if (network.family === 6) expect(isIPv6(shown.split('/')[0] ?? '')).toBe(true);
        expect(parseNetwork(shown)).toEqual(network);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds what begins like it, and nothing else', () => {
    const holds = (outer: string, inner: string) => contains(parseNetwork(outer), parseNetwork(inner));
    expect(holds('203.0.113.0/24', '203.0.113.7')).toBe(true);
    expect(holds('203.0.113.0/24', '203.0.114.0')).toBe(false);
    expect(holds('203.0.113.7', '203.0.113.0/24')).toBe(false);
    expect(holds('2001:db8::/48', '2001:db8:0:ffff::1')).toBe(true);
    expect(holds('2001:db8::/48', '2001:db8:1::1')).toBe(false);
    expect(holds('::/0', '203.0.113.7')).toBe(false);
  });
});

it('an address of a connection is read with its zone, and as IPv4 where it is that', () => {
  const shown = (text: string) => {
    const address = parseAddress(text);
    return address && formatNetwork(address);
  };
  expect(shown('fe80::1%eth0')).toBe('fe80::1/128');
  expect(shown('::ffff:203.0.113.7')).toBe('203.0.113.7');
  expect(shown('unknown')).toBeUndefined();
});
