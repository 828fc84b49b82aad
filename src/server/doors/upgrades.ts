// Who may connect: the checks before an upgrade, in the protocol's order.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../../protocol/index.ts';
import {
  accept,
  checkUpgrade,
  type Handshake,
  isRefusal,
  type Refusal,
  refuse,
  type WebSocket,
} from '../../websocket/index.ts';
import type { AdminToken } from '../access/admin-token.ts';
import { type ClientAddress, clientAddress } from '../addresses/address.ts';
import type { ServerLimits } from '../common/limits.ts';
import { isAnswering } from '../http/answers.ts';
import { checkOrigin, type OriginPolicy } from '../http/origin.ts';
import * as refusals from '../http/refusals.ts';
import { type Route, routeOf } from '../http/routes.ts';
import type { Metrics } from '../reporting/metrics.ts';
import type { Door } from './door.ts';

export interface UpgradeOptions {
  readonly limits: ServerLimits;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
  readonly compression: boolean;
  readonly token: AdminToken;
  readonly door: Door;
  /** Fields of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  isStopping(): boolean;
  /** The other servers cannot be reached. */
  isCutOff(): boolean;
  /** The refusal of an address that is banned from the server. */
  ban(address: ClientAddress): Refusal | undefined;
  /** Whoever takes a connection tells the door when it has left. */
  onClient(socket: WebSocket, room: string, address: ClientAddress): void;
  onAdmin(socket: WebSocket, address: ClientAddress): void;
  onTokenRefused(address: string): void;
}

export class Upgrades {
  readonly #options: UpgradeOptions;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  readonly handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const address = clientAddress(request, this.#options.trustProxy);
    const route = routeOf(request.url ?? '');
    const { headers } = this.#options;
    const handshake = this.#check(request, route, address);
    if (isRefusal(handshake)) {
      this.#options.metrics.refused(String(handshake.status));
      refuse(socket, { ...handshake, headers: { ...handshake.headers, ...headers } });
      return;
    }
    this.#options.door.becameClient(address);
    const websocket = accept(handshake, socket, head, {
      headers,
      compression: this.#options.compression ? {} : undefined,
      controlRate: this.#options.limits.controlFrames,
      ...(handshake.protocols.includes(SUBPROTOCOL) ? { protocol: SUBPROTOCOL } : {}),
    });
    if (route.kind === 'room') this.#options.onClient(websocket, route.name, address);
    else this.#options.onAdmin(websocket, address);
  };

  /** PROTOCOL's order: 431, 400, 403, 404, 405, 426, 401, 429, 503. */
  #check(request: IncomingMessage, route: Route, address: ClientAddress): Handshake | Refusal {
    if (request.rawHeaders.length / 2 > refusals.MOST_HEADERS) return refusals.tooManyHeaders;
    if (isAnswering(request.socket)) return refusals.upgradeTooEarly;
    const handshake = checkUpgrade(request);
    if (isRefusal(handshake) && handshake.status === 400) return handshake;
    if (route.kind === 'malformed') return refusals.malformedPath;
    const origin = checkOrigin(request, this.#options.origins);
    if (origin !== undefined) return refusals.originRefused(origin);
    // Never the control path: whoever has the token can undo a ban.
    const ban = route.kind === 'room' ? this.#options.ban(address) : undefined;
    if (ban !== undefined) return ban;
    if (route.kind !== 'room' && route.kind !== 'admin') return refusals.notFound;
    if (isRefusal(handshake)) return handshake;
    const refusal = this.#checkPlace(request, route, address);
    if (refusal !== undefined) return refusal;
    if (this.#options.isStopping()) return refusals.stopping;
    // A proxy goes on to the next server.
    return route.kind === 'room' && this.#options.isCutOff() ? refusals.cutOff : handshake;
  }

  /** An admin finds a place where clients find none. */
  #checkPlace(request: IncomingMessage, route: Route, address: ClientAddress): Refusal | undefined {
    const { token, door } = this.#options;
    if (route.kind !== 'admin') return door.refusalToClient(address);
    const refusal = token.check(request, address);
    if (refusal !== undefined) this.#options.onTokenRefused(address.text);
    return refusal;
  }
}
