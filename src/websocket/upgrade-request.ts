// Checks a client's opening handshake (RFC 6455 §4.2.1). Pure: it reads the request's head and decides nothing else, such
// as whose page the request comes from or who may have it.
import type { IncomingMessage } from 'node:http';
import { type ExtensionOffer, parseExtensions } from './extension-header.ts';
import { isKey, VERSION } from './handshake.ts';
import { fieldValues, hasToken, singleField, tokenList } from './header-fields.ts';

export interface Handshake {
  readonly key: string;
  /** The subprotocols that the client offers, the one it likes best first. */
  readonly protocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A sentence for a person; it becomes the response's body. */
  readonly message: string;
}

export type UpgradeRequest = Pick<IncomingMessage, 'method' | 'httpVersion' | 'rawHeaders'>;

export function isRefusal(result: Handshake | Refusal): result is Refusal {
  return 'status' in result;
}

export function checkUpgrade(request: UpgradeRequest): Handshake | Refusal {
  const { rawHeaders } = request;
  if (request.httpVersion !== '1.1') return malformed('A WebSocket needs HTTP/1.1.');
  if (singleField(rawHeaders, 'host') === undefined) return malformed('The request needs one Host header.');
  if (!hasToken(rawHeaders, 'upgrade', 'websocket')) return malformed('The Upgrade header does not name websocket.');
  if (!hasToken(rawHeaders, 'connection', 'upgrade')) return malformed('The Connection header does not name Upgrade.');
  // A body would be taken for frames.
  const length = fieldValues(rawHeaders, 'content-length');
  if (length.some((value) => value.trim() !== '0') || fieldValues(rawHeaders, 'transfer-encoding').length > 0) {
    return malformed('A WebSocket request has no body.');
  }
  const versions = fieldValues(rawHeaders, 'sec-websocket-version');
  if (versions.length !== 1) return malformed('The request needs one Sec-WebSocket-Version header.');
  const key = singleField(rawHeaders, 'sec-websocket-key');
  if (key === undefined || !isKey(key)) return malformed('The Sec-WebSocket-Key header is not 16 bytes in base64.');
  const protocols = tokenList(rawHeaders, 'sec-websocket-protocol');
  // RFC 6455 §4.1: the elements must be unique.
  if (protocols === undefined || new Set(protocols).size < protocols.length) {
    return malformed('The Sec-WebSocket-Protocol header is not a list of different tokens.');
  }
  const extensions = offeredExtensions(rawHeaders);
  if (extensions === undefined) return malformed('The Sec-WebSocket-Extensions header is malformed.');
  // What is well formed and still not served comes last, so that whoever answers can put its own refusals between.
  if (request.method !== 'GET') {
    return { status: 405, headers: { Allow: 'GET' }, message: 'A WebSocket starts with a GET request.' };
  }
  if (versions[0]?.trim() !== VERSION) {
    // RFC 6455 §4.4: name the versions that are understood.
    const headers = { 'Sec-WebSocket-Version': VERSION };
    return { status: 426, headers, message: `Only version ${VERSION} of the WebSocket protocol is understood.` };
  }
  return { key, protocols, extensions };
}

function malformed(message: string): Refusal {
  return { status: 400, headers: {}, message };
}

/** RFC 6455 §9.1: several fields are read as one. */
export function offeredExtensions(rawHeaders: readonly string[]): readonly ExtensionOffer[] | undefined {
  const fields = fieldValues(rawHeaders, 'sec-websocket-extensions');
  return fields.length === 0 ? [] : parseExtensions(fields.join(','));
}
