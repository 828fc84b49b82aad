// What an error of the protocol is in HTTP: one table, which the protocol's page has as well.

import type { ErrorCode } from '../../protocol/index.ts';
import { CloseCode, type Refusal } from '../../websocket/index.ts';

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  password_required: 401,
  password_wrong: 401,
  kicked: 403,
  banned: 403,
  muted: 403,
  not_owner: 403,
  readonly: 403,
  join_timeout: 408,
  nick_taken: 409,
  replaced: 409,
  resume_invalid: 409,
  epoch_changed: 409,
  unprotected: 412,
  too_long: 413,
  slow: 429,
  throttled: 429,
  damaged: 500,
  failed: 500,
  going_away: 503,
  overloaded: 503,
  // 503 where it is known when another try may do.
  not_saved: 507,
};

/** Seconds, where the error itself does not say. */
const RETRY_AFTER: Partial<Readonly<Record<ErrorCode, number>>> = { replaced: 1, going_away: 3, overloaded: 10 };

export interface PlainError {
  readonly code: ErrorCode | 'unknown';
  readonly message: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

export function refusalFor({ code, message, retryAfter }: PlainError): Refusal {
  if (code === 'unknown') return { status: 500, headers: {}, message };
  const status = code === 'not_saved' && retryAfter !== undefined ? 503 : STATUSES[code];
  const after = retryAfter ?? RETRY_AFTER[code];
  const headers = {
    'Roomchat-Error': code,
    // RFC 7617 §2.1: names and passwords are UTF-8.
    ...(status === 401 && { 'WWW-Authenticate': 'Basic realm="room", charset="UTF-8"' }),
    ...(after !== undefined && { 'Retry-After': String(after) }),
  };
  return { status, headers, message };
}

/** For a session that ends without a word. */
export function refusalForClose(code: number): Refusal {
  if (code === CloseCode.internalError) {
    return { status: 500, headers: {}, message: 'The server has failed: it is not known what became of the request.' };
  }
  return { status: 503, headers: { 'Retry-After': '3' }, message: 'The server ended the request. Try again.' };
}
