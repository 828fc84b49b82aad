// Who may connect: the checks before an upgrade, in the protocol's order, and the counting of connections.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../protocol/index.ts';
import {
  accept,
  checkUpgrade,
  type Handshake,
  isRefusal,
  type Refusal,
  refuse,
  type WebSocket,
} from '../websocket/index.ts';
import { type ClientAddress, clientAddress } from './address.ts';
import type { AdminToken } from './admin-token.ts';
import type { ServerLimits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { checkOrigin, type OriginPolicy } from './origin.ts';
import * as refusals from './refusals.ts';
import { type Route, routeOf } from './routes.ts';

const MOST_HEADERS = 100;

export interface UpgradeOptions {
  readonly limits: ServerLimits;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
  readonly compression: boolean;
  readonly token: AdminToken;
  readonly metrics: Metrics;
  isStopping(): boolean;
  /** Whoever takes a connection says `left` when it is closed. */
  onClient(socket: WebSocket, room: string, address: ClientAddress): void;
  onAdmin(socket: WebSocket, address: ClientAddress): void;
}

export class Upgrades {
  /** Connections by address, and all of them. */
  private readonly ofAddress = new Map<string, number>();
  private total = 0;

  constructor(private readonly options: UpgradeOptions) {}

  readonly handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const address = clientAddress(request, this.options.trustProxy);
    const route = routeOf(request.url ?? '');
    const handshake = this.check(request, route, address);
    if (isRefusal(handshake)) {
      this.options.metrics.refused(String(handshake.status));
      refuse(socket, handshake);
      return;
    }
    this.count(address, 1);
    const websocket = accept(handshake, socket, head, {
      compression: this.options.compression ? {} : undefined,
      controlRate: this.options.limits.controlFrames,
      ...(handshake.protocols.includes(SUBPROTOCOL) ? { protocol: SUBPROTOCOL } : {}),
    });
    if (route.kind === 'room') this.options.onClient(websocket, route.name, address);
    else this.options.onAdmin(websocket, address);
  };

  /** A connection from there that was accepted is closed. */
  left(address: ClientAddress): void {
    this.count(address, -1);
  }

  /** PROTOCOL's order: 431, 400, 403, 404, 405, 426, 401, 429, 503. */
  private check(request: IncomingMessage, route: Route, address: ClientAddress): Handshake | Refusal {
    if (request.rawHeaders.length / 2 > MOST_HEADERS) return refusals.tooManyHeaders;
    const handshake = checkUpgrade(request);
    if (isRefusal(handshake) && handshake.status === 400) return handshake;
    if (route.kind === 'malformed') return refusals.malformedPath;
    const origin = checkOrigin(request, this.options.origins);
    if (origin !== undefined) return refusals.originRefused(origin.status, origin.reason);
    if (route.kind !== 'room' && route.kind !== 'admin') return refusals.notFound;
    if (isRefusal(handshake)) return handshake;
    if (route.kind === 'admin') {
      const refused = this.options.token.check(request, address);
      if (refused !== undefined) return refused;
    }
    return this.checkRoomFor(address) ?? handshake;
  }

  private checkRoomFor(address: ClientAddress): Refusal | undefined {
    const { limits } = this.options;
    const count = this.ofAddress.get(address.key) ?? 0;
    if (!address.isLoopback && count >= limits.clientsPerAddress) return refusals.tooManyClients;
    if (this.options.isStopping()) return refusals.stopping;
    if (this.total >= limits.clients) return refusals.full;
    return undefined;
  }

  private count({ key }: ClientAddress, change: 1 | -1): void {
    this.total += change;
    const count = (this.ofAddress.get(key) ?? 0) + change;
    if (count === 0) this.ofAddress.delete(key);
    else this.ofAddress.set(key, count);
  }
}
