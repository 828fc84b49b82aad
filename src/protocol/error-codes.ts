// The codes of `error` lines and the close codes that follow those which end a connection. One table, nothing else.

/** How an error ends: the close code, or undefined where the connection stays. */
export const ERROR_CLOSE_CODES = {
  bad_request: 4400,
  password_required: 4401,
  password_wrong: 4401,
  kicked: 4403,
  banned: 4403,
  join_timeout: 4408,
  nick_taken: undefined,
  replaced: 4410,
  unprotected: 4412,
  throttled: 4429,
  damaged: 4500,
  resume_invalid: undefined,
  epoch_changed: undefined,
  too_long: undefined,
  not_saved: undefined,
  muted: undefined,
  readonly: undefined,
  slow: undefined,
  not_owner: undefined,
  failed: undefined,
  going_away: 1012,
  overloaded: 1013,
} as const satisfies Record<string, number | undefined>;

export type ErrorCode = keyof typeof ERROR_CLOSE_CODES;

/** Codes that only the control path answers with; the connection stays. */
export type ControlErrorCode =
  | 'bad_request'
  | 'not_found'
  | 'ambiguous'
  | 'busy'
  | 'not_saved'
  | 'too_long'
  | 'damaged'
  | 'failed';

const RETRYABLE_CLOSE_CODES = new Set([1001, 1006, 1011, 1012, 1013]);

/** Whether a client comes back by itself after this close code. Never after others. */
export function comesBack(closeCode: number): boolean {
  return RETRYABLE_CLOSE_CODES.has(closeCode);
}

/** An error for the other side: a code for programs and a sentence for people. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  /** The `ref` of the say that it answers. */
  readonly ref: string | undefined;
  /** Seconds after which another try may do, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, ref?: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.ref = ref;
    this.retryAfter = retryAfter;
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CLOSE_CODES, code);
}
