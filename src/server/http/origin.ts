// Which web pages and which names may reach this server. A page of another site in a local browser, or a name that was
// rebound to 127.0.0.1, must not: the browser would let it chat as the person in front of it.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { isLoopbackAddress } from '../addresses/address.ts';

export interface OriginPolicy {
  /** Origins that pass beside the server's own. Their hosts pass too: with any, they say what the server is called. */
  readonly allowed: readonly URL[];
  /** Bound to loopback: beside them only names of loopback are answered. */
  readonly loopbackOnly: boolean;
}

/** Why a request is refused: 400 for what is malformed, 403 for strangers. */
export interface OriginRefusal {
  readonly status: 400 | 403;
  readonly reason: string;
}

/** This machine's own name in its network: nobody else's page can have it. */
const MACHINE = hostname().toLowerCase();

/** Why a request is refused, or undefined for one that passes. */
export function checkOrigin(request: IncomingMessage, policy: OriginPolicy): OriginRefusal | undefined {
  const hosts = headerValues(request, 'host');
  const [hostHeader] = hosts;
  if (hosts.length !== 1 || hostHeader === undefined) return { status: 400, reason: 'one Host header is needed' };
  const host = parseHost(hostHeader);
  if (host === undefined) return { status: 400, reason: 'the Host header is malformed' };

  const { allowed } = policy;
  if (!isServed(host, policy)) {
    return { status: 403, reason: 'this host name is not served here; use --allow-origin' };
  }
  const origins = headerValues(request, 'origin');
  if (origins.length === 0) return undefined;
  const [originHeader] = origins;
  const origin = origins.length === 1 && originHeader !== undefined ? parseOrigin(originHeader) : undefined;
  if (origin === undefined) return { status: 403, reason: 'the origin is refused' };
  const isOwn = origin.hostname === host.hostname && portOf(origin) === portOfHost(host, origin.protocol);
  if (isOwn || allowed.some((other) => other.origin === origin.origin)) return undefined;
  return { status: 403, reason: 'the origin is refused; use --allow-origin' };
}

/**
 * Whether a browser says that a page of another site has asked, and it is none that may (Fetch Metadata §2.4). A form's Origin
 * tells the same; a link's does not.
 */
export function isFromAnotherSite(request: IncomingMessage, { allowed }: OriginPolicy): boolean {
  const sites = headerValues(request, 'sec-fetch-site');
  if (sites.every((site) => site === 'same-origin' || site === 'none')) return false;
  const [from] = headerValues(request, 'origin');
  return !allowed.some(({ origin }) => origin === from);
}

/** Whether a request calls this machine by a name that no other machine has. */
export function namesThisMachine(request: IncomingMessage): boolean {
  const name = parseHost(request.headers.host ?? '')?.hostname;
  return name !== undefined && (isLoopbackName(name) || name === MACHINE);
}

/** Only names can be rebound: a browser that asks for an address has connected to that very address. */
function isServed({ hostname: name }: URL, { allowed, loopbackOnly }: OriginPolicy): boolean {
  if (isLoopbackName(name) || allowed.some((other) => other.hostname === name)) return true;
  return !loopbackOnly && (allowed.length === 0 || isAddress(name) || name === MACHINE);
}

/** An Origin header, or undefined for what is none. */
function parseOrigin(text: string): URL | undefined {
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  // A browser writes scheme, host and port, nothing more.
  return url.origin === text || `${url.origin}/` === text || url.origin === text.toLowerCase() ? url : undefined;
}

/** The last Host header and what it means: nearly all clients of a server call it by the same name. */
let lastHost: { readonly text: string; readonly url: URL | undefined } = { text: '', url: undefined };

function parseHost(text: string): URL | undefined {
  if (text !== lastHost.text) {
    lastHost = { text, url: /^[A-Za-z0-9._\-[\]:%]+$/.test(text) ? parseUrl(`http://${text}`) : undefined };
  }
  return lastHost.url;
}

/** A scheme, a host of 253 characters and a port fit in easily. */
const MOST_URL_CHARACTERS = 300;

function parseUrl(text: string): URL | undefined {
  // Before it is parsed: a host's name may have letters of all scripts, escaped, and those are normalised.
  if (text.length > MOST_URL_CHARACTERS) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || isLoopbackAddress(withoutBrackets(name));
}

function isAddress(name: string): boolean {
  return isIP(withoutBrackets(name)) !== 0;
}

function withoutBrackets(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1) : name;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

/** A Host header without a port means the default one of the page's scheme. */
function portOfHost(host: URL, protocol: string): string {
  return host.port || (protocol === 'https:' ? '443' : '80');
}

/** Every value that came under this name: Node keeps only the first of some. */
function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i] ?? '';
    if (field.length === name.length && field.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
