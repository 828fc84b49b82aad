// The door: how many connections there are and whose they are, from the moment that the system hands them over. Those
// that are not clients (yet) wait: in a TLS handshake, over a request, idle after an answer, on their way out. Beyond a
// limit a connection is refused in the very call that accepts it, before the next: when a burst has used up the
// descriptors, the system only lets the process cut connections off without a word, and rooms cannot open their logs.
// Behind a proxy all connections are the proxy's, which is never counted: there requests count, by forwarded address.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Refusal, refuse } from '../../websocket/index.ts';
import { type ClientAddress, peerAddress } from '../addresses/address.ts';
import { Tally } from '../addresses/tally.ts';
import type { ServerLimits } from '../common/limits.ts';
import { full, tooManyClients } from '../http/refusals.ts';
import type { Metrics } from '../reporting/metrics.ts';

/** The least and the most that wait beside the clients; between them, half as many as these. */
const FEWEST_WAITING = 8;
const MOST_WAITING = 4_096;
/** Of the places, the part that anybody may fill; the others are for addresses that have none. */
const COMMON = 3 / 4;

/** How many connections may wait beside so many clients. */
export function placesToWait(clients: number): number {
  return Math.min(MOST_WAITING, Math.max(FEWEST_WAITING, Math.floor(clients / 2)));
}

export interface DoorOptions {
  readonly limits: ServerLimits;
  readonly trustProxy: boolean;
  readonly metrics: Metrics;
}

export class Door {
  readonly #places: number;
  /** All connections, each with the address that it counts for; behind a proxy with none. */
  readonly #open = new Map<Socket, ClientAddress | undefined>();
  #clientCount = 0;
  readonly #waiting = new Tally();
  readonly #clients = new Tally();
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
    const { clients } = options.limits;
    this.#places = clients + placesToWait(clients);
  }

  /** Stands before whatever takes the connections of `server`. `secure`: nothing can be said before the handshake. */
  guard(server: Server, secure: boolean): void {
    const takers = server.listeners('connection');
    server.removeAllListeners('connection');
    const leave = (socket: Socket): void => this.#leave(socket);
    // One listener for all: what a connection keeps is multiplied by their number.
    const closed = function (this: Socket): void {
      leave(this);
    };
    server.on('connection', (socket: Socket) => {
      const refusal = this.#enter(socket);
      if (refusal === undefined) {
        socket.on('close', closed);
        for (const take of takers) Reflect.apply(take, server, [socket]);
        return;
      }
      this.#options.metrics.refused(String(refusal.status));
      if (!secure) refuse(socket, refusal);
      // So short an answer is with the system by now; its descriptor is needed for the next.
      socket.destroy();
    });
  }

  /** Why a request that came through a proxy is refused, or undefined for one that counts until `answered` is called. */
  ask(address: ClientAddress): Refusal | undefined {
    const refusal = this.#refusalToWait(address);
    if (refusal === undefined) this.#waiting.add(address, 1);
    else this.#options.metrics.refused(String(refusal.status));
    return refusal;
  }

  answered(address: ClientAddress): void {
    this.#waiting.add(address, -1);
  }

  /** Whether so many connections of the address wait that none of them is to be kept without a request. */
  isCrowdedBy(address: ClientAddress): boolean {
    return this.#waiting.has(this.#options.limits.idlePerAddress + 1, address);
  }

  /** Why a connection cannot become a client, or undefined where there is a place. */
  refusalToClient(address: ClientAddress): Refusal | undefined {
    const { clients, clientsPerAddress } = this.#options.limits;
    if (!address.isLoopback && this.#clients.has(clientsPerAddress, address)) return tooManyClients;
    if (this.#clientCount >= clients) return full;
    const scarce = !address.isLoopback && this.#clientCount >= clients * COMMON;
    return scarce && this.#clients.has(1, address) ? full : undefined;
  }

  /** A connection of the address is a client from now on, until `left` is called. */
  becameClient(address: ClientAddress): void {
    this.#clientCount++;
    this.#clients.add(address, 1);
    if (!this.#options.trustProxy) this.#waiting.add(address, -1);
  }

  /** What was a client's is again one of those that wait, for as long as it takes to close. */
  left(address: ClientAddress): void {
    this.#clientCount--;
    this.#clients.add(address, -1);
    if (!this.#options.trustProxy) this.#waiting.add(address, 1);
  }

  /** Cuts off whoever is still there: also those in a TLS handshake, of whom the server does not know yet. */
  close(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #enter(socket: Socket): Refusal | undefined {
    const address = this.#options.trustProxy ? undefined : peerAddress(socket);
    const refusal = address && this.#refusalToWait(address);
    if (refusal !== undefined) return refusal;
    if (this.#open.size >= this.#places) return full;
    if (address !== undefined) this.#waiting.add(address, 1);
    this.#open.set(socket, address);
    return undefined;
  }

  #leave(socket: Socket): void {
    const address = this.#open.get(socket);
    this.#open.delete(socket);
    if (address !== undefined) this.#waiting.add(address, -1);
  }

  /** Loopback has no limit of its own, for local scripts; and still it leaves places to others. */
  #refusalToWait(address: ClientAddress): Refusal | undefined {
    if (!address.isLoopback && this.#waiting.has(this.#options.limits.waitingPerAddress, address))
      return tooManyClients;
    const free = this.#places - this.#clientCount;
    const scarce = this.#open.size - this.#clientCount >= free * COMMON;
    return scarce && this.#waiting.has(1, address) ? full : undefined;
  }
}
