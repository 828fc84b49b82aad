// Reads what a user gives as the server's address, and makes a room's URL of it. Never resolves or dials anything.

import { parseRoomName } from '../protocol/index.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;

/** An address that cannot be used; the message is a sentence for the user. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

export interface ServerAddress {
  readonly secure: boolean;
  /** Host and, where it is not the scheme's own, port: `127.0.0.1:8080`. */
  readonly host: string;
  /** What a proxy may have put before the server's paths: empty, or it begins with a slash and does not end with one. */
  readonly prefix: string;
}

/** Before it is parsed, which normalises a name in letters of all scripts. */
const MOST_CHARACTERS = 2000;

export const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * `host`, `host:port`, `[v6]:port`, a ws:, wss:, http: or https: URL, or the URL of a room's page, whose room is passed
 * over. Without a scheme the port is 8080 unless one is given; with one it is the scheme's own. Throws AddressError.
 */
export function parseServerAddress(text = `${DEFAULT_HOST}:${DEFAULT_PORT}`): ServerAddress {
  const { url, usesDefaultPort } = readAddress(text);
  return {
    secure: url.protocol === 'wss:' || url.protocol === 'https:',
    host: usesDefaultPort ? `${url.hostname}:${DEFAULT_PORT}` : url.host,
    prefix: withoutSlashes(url.pathname.replace(/\/rooms(\/[^/]*)?\/?$/, '')),
  };
}

/** The room of such an address, where it is that of a room's page. Throws AddressError and NameError. */
export function roomOfAddress(text: string): string | undefined {
  const [, name] = /\/rooms\/([^/]+)\/?$/.exec(readAddress(text).url.pathname) ?? [];
  if (name === undefined) return undefined;
  try {
    return parseRoomName(decodeURIComponent(name));
  } catch (error) {
    if (error instanceof URIError) throw new AddressError('The room in this URL is not encoded as URLs are.');
    throw error;
  }
}

/** `usesDefaultPort`: it names neither a scheme nor a port. */
function readAddress(text: string): { readonly url: URL; readonly usesDefaultPort: boolean } {
  const given = text.trim();
  if (given === '') throw new AddressError('The server address is empty.');
  if (given.length > MOST_CHARACTERS) throw new AddressError('The server address is too long.');
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme !== undefined && !['ws', 'wss', 'http', 'https'].includes(scheme)) {
    throw new AddressError('A server address starts with ws://, wss://, http:// or https://, or with the host itself.');
  }
  const authority = given.replace(SCHEME, '').replace(/[/?#].*$/s, '');
  if (authority.includes('@')) throw new AddressError('A server address cannot contain a user name or a password.');
  if (!authority.startsWith('[') && authority.split(':').length > 2) {
    throw new AddressError('An IPv6 address needs brackets, as in [::1]:8080.');
  }
  return {
    url: readUrl(scheme === undefined ? `ws://${given}` : given),
    usesDefaultPort: scheme === undefined && !/:\d+$/.test(authority),
  };
}

/**
 * One address or several, with commas between them; the same one counts once. The names of hosts and rooms have no commas.
 * Throws AddressError.
 */
export function parseServerAddresses(text?: string): [ServerAddress, ...ServerAddress[]] {
  const [first, ...others] = text?.split(',') ?? [];
  if (others.length > 0 && [first, ...others].some((item) => item?.trim() === '')) {
    throw new AddressError(
      'One of the server addresses is empty: put a single comma between two of them and none at the ends, as in one.example,two.example.',
    );
  }
  const addresses: [ServerAddress, ...ServerAddress[]] = [parseServerAddress(first)];
  for (const address of others.map((item) => parseServerAddress(item))) {
    if (!addresses.some((known) => isSameServer(known, address))) addresses.push(address);
  }
  return addresses;
}

export function isSameServer(one: ServerAddress, other: ServerAddress): boolean {
  return one.secure === other.secure && one.host === other.host && one.prefix === other.prefix;
}

/** `path` without those at its end. From the end: a pattern that is tied to it would be tried at every slash. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new AddressError('This is not a server address: it looks like host:port, for example 127.0.0.1:8080.');
  }
}

/** The WebSocket URL of a room. Throws NameError for a name that no room may have. */
export function roomUrl(server: ServerAddress, room: string): string {
  const path = `${server.prefix}/rooms/${encodeURIComponent(parseRoomName(room))}`;
  return `${server.secure ? 'wss' : 'ws'}://${server.host}${path}`;
}
