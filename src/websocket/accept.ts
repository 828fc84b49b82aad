// Answers an upgrade request on its socket: with the 101 that makes it a WebSocket, or with a refusal in plain HTTP.
// Together with dial.ts the only place that touches sockets; never decides whether to accept.
import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Compression } from './compression.ts';
import { Connection } from './connection.ts';
import { answerOffers, type CompressionOptions } from './deflate-negotiation.ts';
import type { WebSocketOptions } from './handler.ts';
import { acceptValue } from './handshake.ts';
import type { Limits } from './limits.ts';
import type { Handshake, Refusal } from './upgrade-request.ts';
import { WebSocket } from './websocket.ts';

export interface AcceptOptions extends WebSocketOptions {
  readonly limits?: Limits | undefined;
  /** permessage-deflate, where the client offers it; without these it is declined. */
  readonly compression?: CompressionOptions | undefined;
  /** Further fields of the response. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** How long a refused client has to read the answer and go. */
const REFUSAL_TIMEOUT = 5000;

/**
 * Makes the socket of an upgrade request a WebSocket. `options.protocol` has to be one that the handshake offers; `head`
 * is what came after the request. The handler hears of nothing before the event loop's next turn.
 */
export function accept(handshake: Handshake, socket: Duplex, head: Buffer, options: AcceptOptions): WebSocket {
  // Node types the socket of an upgrade more widely than what it is.
  if (!(socket instanceof Socket)) throw new TypeError('a WebSocket needs a socket');
  const { protocol = '' } = options;
  // RFC 6455 §4.2.2: only what the client has offered; this also keeps line breaks out of the response.
  if (protocol !== '' && !handshake.protocols.includes(protocol)) {
    throw new TypeError('the subprotocol is not one that the client offers');
  }
  let response = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptValue(handshake.key)}\r\n`;
  if (protocol !== '') response += `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  for (const [name, value] of Object.entries(options.headers ?? {})) response += `${name}: ${value}\r\n`;
  const { compression } = options;
  const answer = compression === undefined ? undefined : answerOffers(handshake.extensions, compression);
  if (answer !== undefined) response += `Sec-WebSocket-Extensions: ${answer.header}\r\n`;
  // The server's own time-outs were for requests.
  socket.setTimeout(0);
  socket.setNoDelay(true);
  const deflate = answer && new Compression(answer.agreement, compression?.compressFrom);
  const connection = new Connection('server', options.limits, deflate);
  const websocket = new WebSocket(connection, socket, head, options);
  socket.write(`${response}\r\n`, 'latin1');
  return websocket;
}

/** Answers with a whole HTTP response and ends the connection. Whatever the client does meanwhile, nothing is thrown. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  // CVE-2022-41940: a client that resets the connection while it is refused.
  socket.on('error', () => {});
  const body = `${refusal.message}\n`;
  let response = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}\r\n`;
  for (const [name, value] of Object.entries(refusal.headers)) response += `${name}: ${value}\r\n`;
  response += `Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.end(response + body);
  // What still comes is read and dropped: closing on unread bytes would reset the connection and lose the answer.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), REFUSAL_TIMEOUT);
  socket.on('close', () => clearTimeout(timer));
  if (socket.closed) clearTimeout(timer);
}
