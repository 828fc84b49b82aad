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

/** Sorts what a request fails with: by its code, as Node and OpenSSL name them. */
export function toDialError(error: Error): DialError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Errors of several addresses at once have no message of their own.
  const message = error.message || code;
  if (code.startsWith('HPE_'))
    return new DialError('not-websocket', 'the server does not speak HTTP', { cause: error });
  const isTls = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/.test(
    code,
  );
  return new DialError(isTls ? 'tls' : 'unreachable', message, { cause: error });
}
