// Who may use the control path: the bearer of the token, compared by digest in constant time. Never logged. The token is
// too long to be guessed, so it always opens; only those who come with another are told to slow down.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Refusal } from '../../websocket/index.ts';
import type { ClientAddress } from '../addresses/address.ts';
import type { Clock } from '../common/clock.ts';
import * as refusals from '../http/refusals.ts';
import { Throttle } from './throttle.ts';

const WRONG_A_MINUTE = 5;

export class AdminToken {
  readonly #digest: Buffer;
  readonly #throttle: Throttle;

  constructor(token: string, clock: Clock) {
    this.#digest = digestOf(token);
    this.#throttle = new Throttle(clock, WRONG_A_MINUTE);
  }

  /** Why the request is refused, or undefined for one with the token. */
  check(request: IncomingMessage, address: ClientAddress): Refusal | undefined {
    const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
    const isBearer = scheme?.toLowerCase() === 'bearer' && token !== undefined && rest.length === 0;
    if (isBearer && timingSafeEqual(digestOf(token), this.#digest)) return undefined;
    if (this.#throttle.waitOf(address.scopes) > 0) return refusals.tooManyTokens;
    if (isBearer) this.#throttle.wrong(address.scopes);
    return refusals.unauthorized;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
