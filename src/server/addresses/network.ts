// IP networks as bans name them: read from text, written in one form, and compared by their first bits. Knows neither
// bans nor requests.

import { isIPv4, isIPv6 } from 'node:net';

/** An address, or all that begin with the same `length` bits. The bits beyond are 0. */
export interface Network {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly length: number;
}

const FAMILY_BITS = { 4: 32, 6: 128 } as const;
const MAPPED = 0xffffn;

/** What a text that is not a network should have been, as a sentence. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** An address; an IPv4 one that is written as IPv6 (`::ffff:192.0.2.1`) is one of IPv4. Undefined for what is none. */
export function parseAddress(text: string): Network | undefined {
  if (isIPv4(text)) return { family: 4, bits: bitsOfIPv4(text), length: 32 };
  const [address = ''] = text.split('%', 1);
  if (!isIPv6(address)) return undefined;
  return unmapped({ family: 6, bits: bitsOfIPv6(address), length: 128 });
}

/**
 * `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`, `[2001:db8::1]`. An IPv6 address alone stands for its /64, which one
 * customer has whole. Throws NetworkError.
 */
export function parseNetwork(text: string): Network {
  const [written = '', prefix, ...rest] = text.split('/');
  const bare = /^\[.*\]$/.test(written) ? written.slice(1, -1) : written;
  const isWhole = (isIPv4(bare) || isIPv6(bare)) && !bare.includes('%') && rest.length === 0;
  if (!isWhole) throw new NetworkError(`${text} is neither an IP address nor a network such as 203.0.113.0/24.`);
  const family = isIPv4(bare) ? 4 : 6;
  const bits = family === 4 ? bitsOfIPv4(bare) : bitsOfIPv6(bare);
  const most = FAMILY_BITS[family];
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most)) {
    throw new NetworkError(`The prefix of ${text} must be a whole number from 0 to ${most}.`);
  }
  const address: Network = { family, bits, length: most };
  if (prefix === undefined) return customerOf(unmapped(address));
  const network = networkOf(address, Number(prefix));
  const whole = unmapped(network);
  if (network.bits !== bits) {
    throw new NetworkError(
      `${text} has bits beyond its prefix: write ${formatNetwork(whole)} for all of that network.`,
    );
  }
  return whole;
}

/** What one customer has: an IPv4 address, or an IPv6 /64. */
export function customerOf(address: Network): Network {
  return address.family === 6 ? networkOf(address, 64) : address;
}

/** The network of a customer at this address, as text; undefined for what is not an address, and for this machine's own. */
export function customerText(address: string): string | undefined {
  const network = parseAddress(address);
  if (network === undefined || LOOPBACK.some((own) => contains(own, network))) return undefined;
  return formatNetwork(customerOf(network));
}

/** Whether a network is, or has in it, the server's own machine. */
export function hasLoopback(network: Network): boolean {
  return LOOPBACK.some((own) => contains(own, network) || contains(network, own));
}

/** The network of `length` bits that an address lies in. */
export function networkOf({ family, bits }: Network, length: number): Network {
  const beyond = BigInt(FAMILY_BITS[family] - length);
  return { family, bits: (bits >> beyond) << beyond, length };
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  return networkOf(inner, outer.length).bits === outer.bits;
}

/** The one form in which a network is shown; parseNetwork reads it. An IPv4 address alone has no length. */
export function formatNetwork({ family, bits, length }: Network): string {
  if (family === 6) return `${formatIPv6(bits)}/${length}`;
  return length === 32 ? formatIPv4(bits) : `${formatIPv4(bits)}/${length}`;
}

/** `::ffff:0:0/96` is IPv4's place in IPv6. A network that is wider than it is left as it is. */
function unmapped(network: Network): Network {
  const { family, bits, length } = network;
  if (family === 4 || length < 96 || bits >> 32n !== MAPPED) return network;
  return { family: 4, bits: bits & 0xffffffffn, length: length - 96 };
}

function bitsOfIPv4(address: string): bigint {
  return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function bitsOfIPv6(address: string): bigint {
  const [head = '', tail] = withoutDots(address).split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** The last 32 bits may be written as in IPv4. */
function withoutDots(address: string): string {
  const last = address.lastIndexOf(':') + 1;
  if (!address.includes('.')) return address;
  const bits = bitsOfIPv4(address.slice(last));
  return `${address.slice(0, last)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

function formatIPv4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

/** RFC 5952 §4: small letters, no leading zeros, the longest run of zeros left out. */
function formatIPv6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  let start = 0;
  let longest = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (groups[end] === '0') end++;
    if (end - i > longest) [start, longest] = [i, end - i];
  }
  if (longest === 1) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`;
}

const LOOPBACK = [parseNetwork('127.0.0.0/8'), parseNetwork('::1/128')];
