// Rooms for programs without a WebSocket: a POST says something, a GET of the log reads it. Each is a session like any other,
// under the same limits, whose connection is the request and its answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeCommand, type JoinCommand, NameError, ProtocolError, parseRoomName } from '../../protocol/index.ts';
import type { Refusal } from '../../websocket/index.ts';
import { type ClientAddress, clientAddress } from '../addresses/address.ts';
import type { Door } from '../doors/door.ts';
import { answer } from '../http/answers.ts';
import * as refusals from '../http/refusals.ts';
import type { Clients } from '../session/clients.ts';
import type { Guise } from '../session/guise.ts';
import { Session, type SessionContext } from '../session/session.ts';
import { bodyOf, saysOf } from './body.ts';
import { credentialsOf } from './credentials.ts';
import { forEvents } from './event-stream.ts';
import { Exchange, type Side } from './exchange.ts';
import { KeyGuise, keyOf, Queues, referred } from './keys.ts';
import { Reading } from './reading.ts';
import { Saying } from './saying.ts';
import { refusalFor } from './statuses.ts';

/** The server, as far as these sessions need it. */
export interface PlainServer extends SessionContext {
  readonly clients: Clients;
  readonly isStopping: boolean;
}

/** A side that is told its exchange once there is one. */
type Sided = Side & { exchange: Exchange };

export class PlainRooms {
  readonly #queues = new Queues();
  readonly #server: PlainServer;
  readonly #door: Door;
  readonly #trustProxy: boolean;

  constructor(server: PlainServer, door: Door, trustProxy: boolean) {
    this.#server = server;
    this.#door = door;
    this.#trustProxy = trustProxy;
  }

  /** Answers a POST to a room, whose name is not yet checked. */
  readonly say = (request: IncomingMessage, response: ServerResponse, name: string): void => {
    this.#say(request, response, name).catch((error) => this.#failed(response, error));
  };

  /** Answers a GET or HEAD of a room's log. */
  readonly read = (request: IncomingMessage, response: ServerResponse, name: string): void => {
    const asEvents = acceptsEvents(request);
    try {
      this.#read(request, response, name, asEvents);
    } catch (error) {
      this.#failed(response, error, asEvents);
    }
  };

  async #say(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const room = roomOf(name);
    const address = clientAddress(request, this.#trustProxy);
    const { nick, password } = credentialsOf(request);
    const key = keyOf(request.headers['idempotency-key']);
    // Before its body is read, too.
    if (this.#isRefused(response, address)) return;
    const body = await bodyOf(request);
    if (body === undefined) {
      this.#refuse(response, refusals.bodyTooLarge);
      return;
    }
    const says = saysOf(body, request.headers['content-type'], queryOf(request).has('lines'));
    if (key !== undefined) {
      const leave = await this.#queues.enter(JSON.stringify([room, nick, key]));
      if (response.closed) leave();
      else response.once('close', leave);
    }
    if (response.closed || this.#isRefused(response, address)) return;
    const command: JoinCommand = {
      type: 'join',
      as: 'speaker',
      ...(nick !== undefined && { nick }),
      // As every client: what is meant for those who know a password is not said where there is none.
      ...(password !== undefined && { password, protected: true }),
    };
    const guise =
      key === undefined ? undefined : new KeyGuise(this.#server.secret, this.#server.clock, nick ?? '', key);
    this.#open(response, address, room, new Saying(guise === undefined ? says : referred(says)), guise, command);
  }

  #read(request: IncomingMessage, response: ServerResponse, name: string, asEvents: boolean): void {
    const room = roomOf(name);
    const address = clientAddress(request, this.#trustProxy);
    const { password } = credentialsOf(request);
    const query = queryOf(request);
    const seen = asEvents
      ? countOf('Last-Event-ID', String(request.headers['last-event-id'] ?? '') || null)
      : undefined;
    const since = seen ?? countOf('since', query.get('since'));
    const last = seen === undefined ? countOf('last', query.get('last')) : undefined;
    if (this.#isRefused(response, address, asEvents)) return;
    if (!this.#server.rooms.exists(room)) {
      this.#refuse(response, refusals.noSuchRoom, asEvents);
      return;
    }
    const reading = new Reading({
      headers: request.headers,
      isHead: request.method === 'HEAD',
      follows: asEvents || query.has('follow'),
      asEvents,
      hasParts: last === undefined,
    });
    this.#open(response, address, room, reading, reading, {
      type: 'join',
      ...(password !== undefined && { password }),
      ...(since !== undefined && { since }),
      ...(last !== undefined && { last }),
    });
  }

  #open(
    response: ServerResponse,
    address: ClientAddress,
    room: string,
    side: Sided,
    guise: Guise | undefined,
    command: JoinCommand,
  ): void {
    this.#door.becameClient(address);
    const exchange = new Exchange(response, side);
    side.exchange = exchange;
    const session = new Session(exchange, room, address, this.#server, guise);
    this.#server.clients.add(session);
    session.message(Buffer.from(encodeCommand(command)), false);
  }

  /** In the order of the upgrade's refusals. */
  #isRefused(response: ServerResponse, address: ClientAddress, asEvents = false): boolean {
    const { isStopping, isCutOff } = this.#server;
    const full = this.#door.refusalToClient(address);
    const refusal = full ?? (isStopping ? refusals.stopping : isCutOff ? refusals.cutOff : undefined);
    if (refusal !== undefined) this.#refuse(response, refusal, asEvents);
    return refusal !== undefined;
  }

  #refuse(response: ServerResponse, refusal: Refusal, asEvents = false): void {
    this.#server.metrics.refused(String(refusal.status));
    if (response.closed) return;
    const { status, message, headers } = asEvents ? forEvents(refusal) : refusal;
    answer(response, status, `${message}\n`, headers);
  }

  #failed(response: ServerResponse, error: unknown, asEvents = false): void {
    if (error instanceof ProtocolError) {
      this.#refuse(response, refusalFor(error), asEvents);
    } else if (!response.closed) {
      this.#server.unexpected(error);
      response.destroy();
    }
  }
}

function roomOf(name: string): string {
  try {
    return parseRoomName(name);
  } catch (error) {
    throw error instanceof NameError ? new ProtocolError('bad_request', error.message) : error;
  }
}

export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

function countOf(name: string, text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ProtocolError('bad_request', `"${name}" must be a whole number, 0 or more.`);
}

export function acceptsEvents({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? '').toLowerCase().includes('text/event-stream');
}
