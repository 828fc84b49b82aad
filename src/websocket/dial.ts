// Opens a WebSocket to a server: the client's side of the opening handshake (RFC 6455 §4.1) over node:http or node:https.
// Together with accept.ts the only place that touches sockets. Never follows a redirect, never tries again.
import { randomBytes } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Compression } from './compression.ts';
import { Connection } from './connection.ts';
import { type CompressionOptions, offerHeader, readAnswer } from './deflate-negotiation.ts';
import { DialError, toDialError } from './dial-error.ts';
import type { WebSocketOptions } from './handler.ts';
import { VERSION } from './handshake.ts';
import type { Limits } from './limits.ts';
import { checkResponse, notWebSocket } from './upgrade-response.ts';
import { WebSocket } from './websocket.ts';

export interface DialOptions extends Omit<WebSocketOptions, 'protocol'> {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Subprotocols to offer, the best first. */
  readonly protocols?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  /** permessage-deflate is offered with these; without them it is not. */
  readonly compression?: CompressionOptions | undefined;
  readonly tls?: ConnectionOptions | undefined;
  /** Gives up; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the handshake has to be done. */
  readonly timeout?: number | undefined;
}

const DEFAULT_TIMEOUT = 10_000;
/** Bytes of a refusal's body that are kept. */
const MAX_REFUSAL_BODY = 8192;

/**
 * Opens a WebSocket to a ws:, wss:, http: or https: URL. Rejects with a DialError, or with a TypeError for a URL that
 * cannot be dialled. No event is delivered before the code that awaits the promise has run.
 */
export async function dial(url: string | URL, options: DialOptions = {}): Promise<WebSocket> {
  const target = readUrl(url);
  options.signal?.throwIfAborted();
  // Only one of the two is loaded: a client starts quickly.
  const { request } = target.secure ? await import('node:https') : await import('node:http');
  const key = randomBytes(16).toString('base64');
  const headers: Record<string, string> = {
    ...options.headers,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': VERSION,
    'Sec-WebSocket-Key': key,
  };
  const protocols = options.protocols ?? [];
  if (protocols.length > 0) headers['Sec-WebSocket-Protocol'] = protocols.join(', ');
  if (options.compression !== undefined) headers['Sec-WebSocket-Extensions'] = offerHeader(options.compression);
  const outgoing = request({ ...options.tls, ...target.request, headers, agent: false });
  const [response, socket, head] = await upgraded(outgoing, options);
  try {
    const { protocol, extensions } = checkResponse(response, key, protocols);
    const agreement = readAnswer(extensions, options.compression);
    if (agreement === 'invalid') throw notWebSocket('the server chose an extension that was not offered');
    const deflate = agreement && new Compression(agreement, options.compression?.compressFrom);
    socket.setTimeout(0);
    socket.setNoDelay(true);
    const connection = new Connection('client', options.limits, deflate);
    return new WebSocket(connection, socket, head, { ...options, protocol });
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

function readUrl(url: string | URL) {
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(url);
  const secure = protocol === 'wss:' || protocol === 'https:';
  if (!secure && protocol !== 'ws:' && protocol !== 'http:') throw new TypeError('the URL is not one of a WebSocket');
  // RFC 6455 §3: fragment identifiers must not be used.
  if (hash !== '') throw new TypeError('the URL of a WebSocket has no fragment');
  const request = {
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    path: pathname + search,
    ...(username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
  };
  return { secure, request };
}

/** Sends the request and waits for the switch of protocols; everything else is a DialError. */
function upgraded(outgoing: ClientRequest, options: DialOptions): Promise<[IncomingMessage, Socket, Buffer]> {
  const { promise, resolve, reject } = withResolvers<[IncomingMessage, Socket, Buffer]>();
  const giveUp = (reason: unknown) => {
    reject(reason);
    outgoing.destroy();
  };
  const onAbort = () => giveUp(options.signal?.reason);
  const timer = setTimeout(
    () => giveUp(new DialError('unreachable', 'the server did not answer in time')),
    options.timeout ?? DEFAULT_TIMEOUT,
  );
  options.signal?.addEventListener('abort', onAbort);
  outgoing.on('upgrade', (response, socket, head) => resolve([response, socket, head]));
  outgoing.on('response', (response) => {
    readRefusal(response).then(giveUp, giveUp);
  });
  // Kept to the end: a request that is given up still fails once more.
  outgoing.on('error', (error) => reject(toDialError(error)));
  outgoing.end();
  return promise.finally(() => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  });
}

/** Reads what the server answered instead, as much of it as is kept. */
async function readRefusal(response: IncomingMessage): Promise<DialError> {
  const status = response.statusCode ?? 0;
  if (status === 101) return notWebSocket('the server switched to no protocol');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      const bytes: Buffer = chunk;
      chunks.push(bytes);
      length += bytes.length;
      if (length >= MAX_REFUSAL_BODY) break;
    }
  } catch {
    // The status says enough when the body breaks off.
  }
  const body = Buffer.concat(chunks).subarray(0, MAX_REFUSAL_BODY).toString('utf8');
  return new DialError('refused', `the server answered with HTTP status ${status}`, {
    response: { status, rawHeaders: response.rawHeaders, body },
  });
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
