// Checks a server's answer to the opening handshake (RFC 6455 §4.1). Pure: it reads the response's head only.
import type { IncomingMessage } from 'node:http';
import { DialError } from './dial-error.ts';
import type { ExtensionOffer } from './extension-header.ts';
import { acceptValue } from './handshake.ts';
import { fieldValues, hasToken, singleField } from './header-fields.ts';
import { offeredExtensions } from './upgrade-request.ts';

export type UpgradeResponse = Pick<IncomingMessage, 'statusCode' | 'rawHeaders'>;

/** What the server chose: a subprotocol or '', and the extensions that it answered with. */
export interface Choice {
  readonly protocol: string;
  readonly extensions: readonly ExtensionOffer[];
}

/** Throws a DialError of kind `not-websocket` for whatever §4.1 tells a client to fail on. */
export function checkResponse(response: UpgradeResponse, key: string, protocols: readonly string[]): Choice {
  const { rawHeaders } = response;
  if (response.statusCode !== 101) throw notWebSocket('the server switched protocols without saying so');
  if (singleField(rawHeaders, 'upgrade')?.toLowerCase() !== 'websocket')
    throw notWebSocket('the Upgrade header is wrong');
  if (!hasToken(rawHeaders, 'connection', 'upgrade')) throw notWebSocket('the Connection header is wrong');
  if (singleField(rawHeaders, 'sec-websocket-accept') !== acceptValue(key)) {
    throw notWebSocket('the Sec-WebSocket-Accept header is wrong');
  }
  const extensions = offeredExtensions(rawHeaders);
  if (extensions === undefined) throw notWebSocket('the Sec-WebSocket-Extensions header is malformed');
  const chosen = fieldValues(rawHeaders, 'sec-websocket-protocol');
  if (chosen.length === 0) return { protocol: '', extensions };
  const protocol = chosen[0]?.trim() ?? '';
  if (chosen.length > 1 || !protocols.includes(protocol)) {
    throw notWebSocket('the server chose a subprotocol that was not offered');
  }
  return { protocol, extensions };
}

export function notWebSocket(message: string): DialError {
  return new DialError('not-websocket', message);
}
