// The addresses of --nats: where the servers are, whether TLS is asked for, and who a node is there. An address may hold a
// password, so that none is ever part of an error.

import { ClusterError } from './errors.ts';

export type Login = { readonly user: string; readonly pass: string } | { readonly token: string };

export interface NatsAddresses {
  /** host:port, nothing else: these may be printed. */
  readonly servers: readonly string[];
  /** Where it is asked for, nothing goes without. */
  readonly needsTls: boolean;
  readonly login: Login | undefined;
}

const USUAL_PORT = '4222';

/**
 * Each `nats://host:port` or `tls://host:port`, or without either; with `user:password@` or `token@` before the host, which the
 * first has for all. Throws ClusterError.
 */
export function parseAddresses(addresses: readonly string[]): NatsAddresses {
  const urls = addresses.map(parse);
  const withLogin = urls.find(({ username }) => username !== '');
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || USUAL_PORT}`),
    needsTls: urls.some(({ protocol }) => protocol === 'tls:'),
    login: withLogin && loginOf(withLogin),
  };
}

function parse(address: string, index: number): URL {
  const text = /^\w+:\/\//.test(address) ? address : `nats://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAddress = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '';
  if (isAddress && /^\/?$/.test(url.pathname + url.search + url.hash) && canDecode(url)) return url;
  throw new ClusterError(
    `Address ${index + 1} of --nats is none: it takes nats://host:port, tls://host:port or nats://user:password@host:port, with %23 for a # in the password, and so on.`,
  );
}

function canDecode({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function loginOf({ username, password }: URL): Login {
  const user = decodeURIComponent(username);
  return password === '' ? { token: user } : { user, pass: decodeURIComponent(password) };
}
