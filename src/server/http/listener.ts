// The HTTP or HTTPS server itself: its limits, and the port it is bound to.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { ServerLimits } from '../common/limits.ts';

/** A server that is not bound yet; HTTPS where there are options for TLS. */
export async function httpServer(
  limits: ServerLimits,
  tls: TlsOptions | undefined,
  handler: RequestListener,
): Promise<Server> {
  const options = {
    maxHeaderSize: 8 * 1024,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: limits.idleConnection,
  };
  // Not the server's own time-out: that leaves a timer with each connection, also where it is to become a client's.
  const answer: RequestListener = (request, response) => {
    request.socket.setTimeout(limits.stalledAnswer);
    handler(request, response);
  };
  const http =
    tls === undefined
      ? createServer(options, answer)
      : (await import('node:https')).createServer({ ...options, handshakeTimeout: limits.headers, ...tls }, answer);
  // The parser drops silently what is beyond its own count; the size bounds it, and upgrades count for themselves.
  http.maxHeadersCount = 0;
  return http;
}

/** Binds; port 0 takes a free one. Rejects with the system's error. */
export async function bind(http: Server, port: number, host: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('The server is not bound to a port.');
  return address;
}
