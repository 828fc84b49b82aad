// The server: puts rooms, sessions and the ways in together, and speaks by itself. Binding and flags are the command's.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { DataDirectory } from '../log/index.ts';
import {
  encodeLine,
  exceedsBytes,
  MAX_LOG_LINE_BYTES,
  MAX_TEXT_BYTES,
  NameError,
  ProtocolError,
  parseRoomName,
} from '../protocol/index.ts';
import type { WebSocket } from '../websocket/index.ts';
import { AdminToken } from './access/admin-token.ts';
import { Bans } from './access/bans.ts';
import { PasswordHasher } from './access/password.ts';
import { PasswordGate } from './access/password-gate.ts';
import { RefusedTokens } from './access/refused-tokens.ts';
import type { ClientAddress } from './addresses/address.ts';
import { AdminSession } from './admin/admin-session.ts';
import { Departures } from './admin/departures.ts';
import { Accounts } from './budget/account.ts';
import { LogQuota } from './budget/quotas.ts';
import type { Clock } from './common/clock.ts';
import type { ServerLimits } from './common/limits.ts';
import type { Turn } from './common/turn.ts';
import { Door } from './doors/door.ts';
import { Upgrades } from './doors/upgrades.ts';
import { answerBadRequest } from './http/bad-requests.ts';
import type { OriginPolicy } from './http/origin.ts';
import { type HttpPages, httpHandler } from './pages/pages.ts';
import type { EventSink, ServerEvent } from './reporting/events.ts';
import { Metrics } from './reporting/metrics.ts';
import type { Member } from './room/member.ts';
import { RoomMissing } from './room/room-missing.ts';
import { Rooms } from './room/rooms.ts';
import { Storage } from './room/storage.ts';
import { Heartbeat } from './session/heartbeat.ts';
import { Session, type SessionContext } from './session/session.ts';
import type { JoinedHow } from './session/state.ts';

export interface ChatServerOptions {
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly limits: ServerLimits;
  readonly events: EventSink;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
  readonly compression: boolean;
  readonly pages: HttpPages;
  readonly version: string;
  readonly tls?: TlsOptions;
  /** Seconds for which browsers are to come by HTTPS alone; undefined: they are not told. */
  readonly hsts?: number | undefined;
}

/** Those who come back after a restart are not announced within this time. */
const STARTING_MS = 10_000;
/** What the logs are given to sync and close, however long the clients took to leave. */
const LEAST_CLOSING_MS = 1_000;

export class ChatServer implements SessionContext {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly metrics = new Metrics();
  readonly accounts: Accounts;
  readonly logQuota: LogQuota;
  readonly storage: Storage;
  readonly rooms: Rooms;
  readonly secret: Buffer;
  readonly hasher = new PasswordHasher();
  readonly gate: PasswordGate;
  readonly directory: DataDirectory;
  readonly bans: Bans;
  readonly departures = new Departures();
  readonly #sessions = new Set<Session>();
  readonly #admins = new Set<AdminSession>();
  /** Sessions that have joined, by their client's id. */
  readonly #byId = new Map<string, Session>();
  readonly #heartbeat: Heartbeat;
  readonly #door: Door;
  readonly #upgrades: Upgrades;
  /** Fields of every answer to a request. */
  readonly #headers: Readonly<Record<string, string>>;
  readonly #startedAt: number;
  #http: Server | undefined;
  #stopping: Promise<void> | undefined;
  #allClosed: (() => void) | undefined;
  readonly #options: ChatServerOptions;

  constructor(options: ChatServerOptions) {
    this.#options = options;
    const { directory, clock, limits } = options;
    this.clock = clock;
    this.limits = limits;
    this.directory = directory;
    this.secret = directory.secret;
    this.#startedAt = clock.monotonic();
    this.bans = new Bans(directory, clock);
    this.gate = new PasswordGate(this.hasher, clock);
    this.accounts = new Accounts(clock, limits);
    this.logQuota = new LogQuota(clock, limits.hourlyBytes, this.emit, this.metrics);
    this.storage = new Storage({ directory, clock, limits, events: this.emit });
    this.rooms = new Rooms({
      directory,
      clock,
      turn: options.turn,
      metrics: this.metrics,
      storage: this.storage,
      events: this.emit,
      absence: limits.absence,
      unsynced: limits.unsynced,
      most: limits.openRooms,
      idle: limits.idleRoom,
    });
    this.#heartbeat = new Heartbeat(clock, limits, this.#sessions, () => {
      this.rooms.closeIdle();
      this.storage.look().catch((error) => this.unexpected(error));
    });
    const { trustProxy, hsts } = options;
    this.#headers = hsts === undefined ? {} : { 'Strict-Transport-Security': `max-age=${hsts}` };
    this.#door = new Door({ limits, trustProxy, metrics: this.metrics });
    this.#upgrades = new Upgrades({
      limits,
      origins: options.origins,
      trustProxy,
      headers: this.#headers,
      door: this.#door,
      compression: options.compression,
      token: new AdminToken(directory.adminToken, clock),
      metrics: this.metrics,
      isStopping: () => this.#stopping !== undefined,
      ban: (address) => this.bans.refusal(address),
      onClient: (socket, room, address) => this.#addClient(socket, room, address),
      onAdmin: (socket, address) => this.#addAdmin(socket, address),
      onTokenRefused: new RefusedTokens(clock, this.emit).refused,
    });
  }

  /** Binds and begins to serve; port 0 takes a free one. Rejects with the system's error. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await this.storage.start();
    const { tls } = this.#options;
    const ban = (address: ClientAddress) => this.bans.refusal(address);
    const handler = httpHandler(this, this.#door, { ...this.#options, headers: this.#headers, ban });
    const http =
      tls === undefined
        ? createServer(this.#httpOptions(), handler)
        : (await import('node:https')).createServer(
            { ...this.#httpOptions(), handshakeTimeout: this.limits.headers, ...tls },
            handler,
          );
    this.#http = http;
    // The parser drops silently what is beyond its own count; the size bounds it, and upgrades count for themselves.
    http.maxHeadersCount = 0;
    http.timeout = this.limits.stalledAnswer;
    http.on('upgrade', this.#upgrades.handle);
    http.on('clientError', answerBadRequest(this.#headers));
    this.#door.guard(http, tls !== undefined);
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, host, () => {
        http.off('error', reject);
        resolve();
      });
    });
    this.#heartbeat.start();
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('The server is not bound to a port.');
    return address;
  }

  #httpOptions() {
    const { headers, idleConnection } = this.limits;
    return {
      maxHeaderSize: 8 * 1024,
      headersTimeout: headers,
      requestTimeout: headers,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: idleConnection,
    };
  }

  // The server speaks by itself.

  /** A notice to a room that exists; its seq once it is durable. Rejects with ProtocolError, RoomMissing. */
  async broadcast(roomName: string, text: string): Promise<number> {
    checkText(text);
    const room = await this.rooms.hold(roomName);
    if (room === undefined) throw new RoomMissing(roomName);
    try {
      return await room.notice(text);
    } finally {
      this.rooms.release(room);
    }
  }

  /** A line for one client alone. False where that client's output is over its limit. Throws ProtocolError. */
  direct(session: Session, text: string): boolean {
    checkText(text);
    if (session.isOverLimit || session.state.kind !== 'joined') return false;
    const at = this.clock.now();
    const { room, member } = session.state;
    const line = encodeLine({ type: 'direct', at, text });
    checkLine(line);
    session.send(line);
    this.emit({ event: 'direct', at, room: room.name, id: member.id, nick: member.nick, text });
    return true;
  }

  /** Ends every connection to a room, so that it comes back by itself. */
  sendAway(room: string, message: string): void {
    for (const session of this.#sessions) {
      if (session.roomName === room && session.state.kind !== 'waiting') {
        session.fail(new ProtocolError('going_away', message));
      }
    }
  }

  /** The joined clients whose id begins so. */
  clientsByPrefix(prefix: string): Session[] {
    const exact = this.#byId.get(prefix);
    if (exact !== undefined) return [exact];
    return [...this.#byId].filter(([id]) => id.startsWith(prefix)).map(([, session]) => session);
  }

  clients(): Iterable<Session> {
    return this.#byId.values();
  }

  /** Every connection of a client, those that have not joined too. */
  allSessions(): Iterable<Session> {
    return this.#sessions;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get version(): string {
    return this.#options.version;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Refuses new clients, closes the others so that they come back by themselves, saves, lets go of the data directory. */
  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#shutDown(reason);
    return this.#stopping;
  }

  async #shutDown(reason: string): Promise<void> {
    const stopBy = this.clock.monotonic() + this.limits.shutdown;
    this.emit({ event: 'stopping', at: this.clock.now(), reason });
    this.#heartbeat.stop();
    this.#options.turn.end();
    const goingAway = new ProtocolError('going_away', 'The server is restarting.');
    for (const session of this.#sessions) session.fail(goingAway);
    for (const admin of this.#admins) admin.end();
    if (this.#sessions.size + this.#admins.size > 0) {
      await new Promise<void>((resolve) => {
        this.#allClosed = resolve;
        this.clock.after(this.limits.shutdown, resolve);
      });
    }
    for (const session of this.#sessions) session.drop();
    // Not before: until then who comes is answered that the server is stopping.
    this.#http?.close();
    this.#door.close();
    const roomsClosed = this.rooms.closeAll();
    const allSynced = await this.directory.close(Math.max(LEAST_CLOSING_MS, stopBy - this.clock.monotonic()));
    if (allSynced) await roomsClosed;
    this.emit({ event: 'stopped', at: this.clock.now() });
    this.#options.turn.end();
  }

  #addClient(socket: WebSocket, room: string, address: ClientAddress): void {
    try {
      this.#sessions.add(new Session(socket, parseRoomName(room), address, this));
    } catch (error) {
      if (!(error instanceof NameError)) throw error;
      const session = new Session(socket, '', address, this);
      this.#sessions.add(session);
      session.fail(new ProtocolError('bad_request', error.message));
    }
  }

  #addAdmin(socket: WebSocket, address: ClientAddress): void {
    const admin = new AdminSession(socket, address.text, this, () => {
      this.#admins.delete(admin);
      this.#connectionClosed(address);
    });
    this.#admins.add(admin);
  }

  // What sessions and joins need of the server.

  sessionOf(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  isStarting(): boolean {
    return this.clock.monotonic() - this.#startedAt < STARTING_MS;
  }

  sessionJoined(session: Session, member: Member, how: JoinedHow): void {
    this.#byId.set(member.id, session);
    this.departures.comeBack(member.id);
    this.metrics.joins++;
    this.emit({
      event: 'joined',
      at: this.clock.now(),
      room: session.roomName,
      id: member.id,
      nick: member.nick,
      address: session.address.text,
      speaker: member.speaker,
      resumed: how.resumed,
      created: how.created,
    });
  }

  sessionLeft(session: Session, member: Member, code: number, reason: string): void {
    const { id, nick } = member;
    if (this.#byId.get(id) === session) {
      this.#byId.delete(id);
      this.departures.add({ id, nick, room: session.roomName, address: session.address });
    }
    this.emit({
      event: 'left',
      at: this.clock.now(),
      room: session.roomName,
      id,
      nick,
      code,
      reason,
    });
  }

  sessionClosed(session: Session): void {
    this.#sessions.delete(session);
    this.#connectionClosed(session.address);
  }

  #connectionClosed(address: ClientAddress): void {
    this.#door.left(address);
    if (this.#sessions.size + this.#admins.size === 0) this.#allClosed?.();
  }

  unexpected(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.emit({ event: 'warning', at: this.clock.now(), message: `internal error: ${message}` });
  }

  readonly emit = (event: ServerEvent): void => {
    this.#options.events(event);
    for (const admin of this.#admins) admin.tell(event);
  };
}

/** Escapes can make a text of 16 KiB six times as long. */
function checkLine(line: string): void {
  if (exceedsBytes(line, MAX_LOG_LINE_BYTES)) {
    throw new ProtocolError('too_long', `A text has at most ${MAX_LOG_LINE_BYTES} bytes as a line of the protocol.`);
  }
}

function checkText(text: string): void {
  if (exceedsBytes(text, MAX_TEXT_BYTES)) {
    throw new ProtocolError('too_long', `A text has at most ${MAX_TEXT_BYTES} bytes.`);
  }
}
