// Where a connection comes from: the address that limits count by.

import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net';

export interface ClientAddress {
  /** For people. */
  readonly text: string;
  /** What limits count by: an IPv4 address, or the /64 that one IPv6 customer usually has. */
  readonly key: string;
  /** All that limits count it in, the narrowest first: `key`, and for IPv6 the wider networks that one owner may have. */
  readonly scopes: readonly Scope[];
  /** On this machine, and so exempt from the limits of one address. */
  readonly isLoopback: boolean;
}

/** Addresses that a limit counts together, and how many times the limit of one address they have together. */
export interface Scope {
  readonly key: string;
  readonly share: number;
}

const IPV6_SCOPES = [
  { bits: 64, share: 1 },
  { bits: 56, share: 4 },
  { bits: 48, share: 16 },
] as const;

/** What a connection has whose peer was gone before it could be asked for. */
const UNKNOWN = 'unknown';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/**
 * The peer's address; behind a trusted proxy the last one of X-Forwarded-For, which that proxy has added itself. Then
 * nobody counts as loopback: everybody who comes through the proxy would.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): ClientAddress {
  if (!trustProxy) return peerAddress(request.socket);
  const forwarded = request.headers['x-forwarded-for'];
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').at(-1) ?? '';
  return describe(forwardedAddress(last) ?? request.socket.remoteAddress ?? UNKNOWN, false);
}

/** Whoever is at the other end of the connection itself. */
export function peerAddress(socket: Pick<Socket, 'remoteAddress'>): ClientAddress {
  return describe(socket.remoteAddress ?? UNKNOWN, true);
}

/** An address as proxies write it: bare, in brackets, with a port, quoted. Undefined for anything else. */
function forwardedAddress(text: string): string | undefined {
  const entry = text.trim().replace(/^"(.*)"$/, '$1');
  const [, inBrackets, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? [];
  const address = inBrackets ?? withPort ?? entry;
  return isIPv4(address) || isIPv6(address) ? address : undefined;
}

export function isLoopbackAddress(address: string): boolean {
  if (isIPv4(address)) return address.startsWith('127.');
  return isIPv6(address) && loopback.check(address, 'ipv6');
}

/** The last address that was described: connections come in runs from one, and then share what it is. */
let last: { readonly address: string; readonly mayBeLoopback: boolean; readonly described: ClientAddress } | undefined;

function describe(address: string, mayBeLoopback: boolean): ClientAddress {
  if (last?.address !== address || last.mayBeLoopback !== mayBeLoopback) {
    last = { address, mayBeLoopback, described: describeAnew(address, mayBeLoopback) };
  }
  return last.described;
}

function describeAnew(address: string, mayBeLoopback: boolean): ClientAddress {
  const text = isIPv6(address) ? plainAddress(address) : address;
  const known = isIPv4(text) || isIPv6(text);
  const scopes = isIPv6(text)
    ? IPV6_SCOPES.map(({ bits, share }) => ({ key: networkOf(text, bits), share }))
    : [{ key: text, share: 1 }];
  return {
    text,
    key: scopes[0]?.key ?? text,
    scopes,
    isLoopback: mayBeLoopback && known && isLoopbackAddress(text),
  };
}

/** An IPv6 address written as RFC 5952 says, so that one address is one text; or the IPv4 one that it stands for. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  const text = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return text;
  const bits = Number.parseInt(high, 16) * 2 ** 16 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** The network of `bits` (48 to 64) that an IPv6 address lies in. */
function networkOf(address: string, bits: number): string {
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? front : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16));
  const last = (prefix[3] ?? 0) & (0xffff << (64 - bits));
  const shown = [...prefix.slice(0, 3), last].map((group) => group.toString(16));
  return `${shown.join(':')}::/${bits}`;
}
