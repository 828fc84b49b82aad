// Why a dialled server did not become a WebSocket, as a value that a program can act on and a sentence for a person.

/** What an HTTP server answered instead of switching protocols. */
export interface HttpResponse {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** The beginning of the body, as text. It is a stranger's: never print it as it is. */
  readonly body: string;
}

/**
 * - `refused`: the server answered with an HTTP status of its own, see `response`.
 * - `unreachable`: no connection, or none in time.
 * - `tls`: the server's certificate or its TLS is not acceptable.
 * - `not-websocket`: what answered does not follow RFC 6455.
 */
export type DialErrorKind = 'refused' | 'unreachable' | 'tls' | 'not-websocket';

export class DialError extends Error {
  readonly kind: DialErrorKind;
  readonly response: HttpResponse | undefined;

  constructor(kind: DialErrorKind, message: string, details: { cause?: unknown; response?: HttpResponse } = {}) {
    super(message, { cause: details.cause });
    this.name = 'DialError';
    this.kind = kind;
    this.response = details.response;
  }
}

/** What is wrong with a server's TLS, by the code that Node or OpenSSL gives it. */
const TLS_REASONS: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another host'],
  [/SELF_SIGNED|^UNABLE_TO_/, 'its certificate is not signed by anybody that this machine trusts'],
  [/^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/, 'it does not speak TLS'],
];
const TLS_CODE = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/;

const UNREACHABLE_REASONS = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no host with this name'],
  ['EAI_AGAIN', 'its name cannot be looked up right now'],
  ['ETIMEDOUT', 'the server did not answer in time'],
  ['EHOSTUNREACH', 'its address cannot be reached'],
  ['ENETUNREACH', 'its address cannot be reached'],
  ['ECONNRESET', 'the server ended the connection without an answer'],
]);

/** Sorts what a request fails with: by its code, as Node and OpenSSL name them. */
export function toDialError(error: Error): DialError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const details = { cause: error };
  if (code.startsWith('HPE_')) return new DialError('not-websocket', 'the server does not speak HTTP', details);
  // Errors of several addresses at once have no message of their own.
  const message = error.message || code;
  if (TLS_CODE.test(code)) {
    const [, reason = message] = TLS_REASONS.find(([pattern]) => pattern.test(code)) ?? [];
    return new DialError('tls', reason, details);
  }
  const reason = UNREACHABLE_REASONS.get(code);
  return new DialError('unreachable', reason === undefined ? message : `${reason} (${message})`, details);
}
