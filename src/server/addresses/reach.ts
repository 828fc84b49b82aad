// Under which URLs other machines reach a server that listens on every address of this one.

import { networkInterfaces } from 'node:os';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** One for each address that is not this machine's alone; none where the server listens on one address. */
export function urlsForOthers(
  scheme: 'http' | 'https',
  host: string,
  port: number,
  interfaces: Interfaces = networkInterfaces(),
): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && (host === '::' || family === 'IPv4'))
    .filter(({ address }) => !isLinkLocal(address))
    .map(({ address, family }) => `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
}

/** RFC 3927 §2.1, RFC 4291 §2.5.6: of no use beyond one wire, or without the name of an interface, which differs from machine to machine. */
function isLinkLocal(address: string): boolean {
  return /^(?:fe[89ab]|169\.254\.)/i.test(address);
}
