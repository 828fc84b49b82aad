// The server: puts rooms, sessions and the ways in together, and speaks by itself. Binding and flags are the command's.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { DataDirectory, RoomStore } from '../log/index.ts';
import { NameError, type OwnerCommand, ProtocolError, parseRoomName } from '../protocol/index.ts';
import type { WebSocket } from '../websocket/index.ts';
import { AdminToken } from './access/admin-token.ts';
import { BanFile } from './access/ban-file.ts';
import { Bans } from './access/bans.ts';
import { PasswordHasher } from './access/password.ts';
import { PasswordGate } from './access/password-gate.ts';
import { RefusedTokens } from './access/refused-tokens.ts';
import { bringBans, SharedBans } from './access/shared-bans.ts';
import type { ClientAddress } from './addresses/address.ts';
import { AdminSession } from './admin/admin-session.ts';
import { endThose } from './admin/banned-clients.ts';
import { noOthers, type Others } from './admin/others.ts';
import { act, type OwnersContext } from './admin/owner-acts.ts';
import { Watchers } from './admin/watchers.ts';
import { Accounts } from './budget/account.ts';
import { LogQuota } from './budget/quotas.ts';
import type { Clock } from './common/clock.ts';
import type { ServerLimits } from './common/limits.ts';
import type { Turn } from './common/turn.ts';
import { YoungHeap } from './common/young-heap.ts';
import { Door } from './doors/door.ts';
import { Upgrades } from './doors/upgrades.ts';
import type { Federation } from './federation.ts';
import { answerBadRequest } from './http/bad-requests.ts';
import { bind, httpServer } from './http/listener.ts';
import type { OriginPolicy } from './http/origin.ts';
import { type HttpPages, httpHandler } from './pages/pages.ts';
import { PlainRooms } from './plain/plain-rooms.ts';
import type { EventSink, ServerEvent } from './reporting/events.ts';
import { type Metric, Metrics } from './reporting/metrics.ts';
import { FileRooms } from './room/file-rooms.ts';
import type { Member } from './room/member.ts';
import { alone } from './room/neighbours.ts';
import type { Room } from './room/room.ts';
import { Rooms } from './room/rooms.ts';
import { Storage } from './room/storage.ts';
import { Clients } from './session/clients.ts';
import { Heartbeat } from './session/heartbeat.ts';
import { Session, type SessionContext } from './session/session.ts';
import type { JoinedHow } from './session/state.ts';

export interface ChatServerOptions {
  readonly directory: DataDirectory;
  /** Undefined for a server of its own. */
  readonly federation?: Federation | undefined;
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

export class ChatServer implements SessionContext, OwnersContext {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly metrics = new Metrics();
  readonly accounts: Accounts;
  readonly logQuota: LogQuota;
  readonly storage: Storage;
  readonly rooms: Rooms;
  readonly store: RoomStore;
  readonly secret: Buffer;
  readonly hasher = new PasswordHasher();
  readonly gate: PasswordGate;
  readonly directory: DataDirectory;
  readonly bans: Bans;
  readonly clients = new Clients();
  readonly others: Others;
  readonly watchers: Watchers;
  readonly #admins = new Set<AdminSession>();
  readonly #heartbeat: Heartbeat;
  readonly #door: Door;
  readonly #upgrades: Upgrades;
  /** Fields of every answer to a request. */
  readonly #headers: Readonly<Record<string, string>>;
  readonly #startedAt: number;
  #http: Server | undefined;
  /** Whether the other servers of a cluster cannot be reached. */
  isCutOff = false;
  #stopping: Promise<void> | undefined;
  #allClosed: (() => void) | undefined;
  readonly #options: ChatServerOptions;

  constructor(options: ChatServerOptions) {
    this.#options = options;
    const { directory, clock, limits } = options;
    this.clock = clock;
    this.limits = limits;
    this.directory = directory;
    const { federation } = options;
    this.secret = federation?.secret ?? directory.secret;
    this.#startedAt = clock.monotonic();
    this.bans = new Bans(clock, (list) =>
      federation === undefined
        ? new BanFile(directory, list)
        : new SharedBans(federation.bans, list, (ban) => endThose(this, ban)),
    );
    this.others = federation?.others ?? noOthers;
    this.watchers = new Watchers(this.others);
    this.gate = new PasswordGate(this.hasher, clock);
    this.accounts = new Accounts(clock, limits);
    this.logQuota = new LogQuota(clock, limits.hourlyBytes, this.emit, this.metrics);
    this.storage = new Storage({ directory, clock, limits, events: this.emit });
    this.store = federation?.rooms ?? new FileRooms({ directory, metrics: this.metrics, storage: this.storage });
    this.rooms = new Rooms({
      store: this.store,
      neighbourhood: federation?.neighbourhood ?? alone,
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
    const youngHeap = new YoungHeap();
    this.#heartbeat = new Heartbeat(clock, limits, this.clients.sessions, () => {
      youngHeap.look();
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
      isCutOff: () => this.isCutOff,
      ban: (address) => this.bans.refusal(address),
      onClient: (socket, room, address) => this.#addClient(socket, room, address),
      onAdmin: (socket, address) => this.#addAdmin(socket, address),
      onTokenRefused: new RefusedTokens(clock, this.emit).refused,
    });
  }

  /** Binds and begins to serve; port 0 takes a free one. Rejects with the system's error. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await this.storage.start();
    if (this.#options.federation !== undefined) await bringBans(this.directory, this.bans);
    const { tls } = this.#options;
    const ban = (address: ClientAddress) => this.bans.refusal(address);
    const plain = new PlainRooms(this, this.#door, this.#options.trustProxy);
    const handler = httpHandler(this, this.#door, { ...this.#options, headers: this.#headers, ban, plain });
    const http = await httpServer(this.limits, tls, handler);
    this.#http = http;
    http.on('upgrade', this.#upgrades.handle);
    http.on('clientError', answerBadRequest(this.#headers));
    this.#door.guard(http, tls !== undefined);
    const address = await bind(http, port, host);
    this.#heartbeat.start();
    return address;
  }

  get connections(): number {
    return this.clients.sessions.size;
  }

  sharedMetrics(): Iterable<Metric> {
    return this.#options.federation?.metrics() ?? [];
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
    for (const session of this.clients.sessions) session.fail(goingAway);
    for (const admin of this.#admins) admin.end();
    if (this.clients.sessions.size + this.#admins.size > 0) {
      await new Promise<void>((resolve) => {
        this.#allClosed = resolve;
        this.clock.after(this.limits.shutdown, resolve);
      });
    }
    for (const session of this.clients.sessions) session.drop();
    // Not before: until then who comes is answered that the server is stopping.
    this.#http?.close();
    this.#door.close();
    const roomsClosed = this.rooms.closeAll();
    await Promise.race([roomsClosed, this.#patience(stopBy)]);
    await this.#options.federation?.close();
    const allSynced = await this.directory.close(Math.max(LEAST_CLOSING_MS, stopBy - this.clock.monotonic()));
    if (allSynced) await roomsClosed;
    this.emit({ event: 'stopped', at: this.clock.now() });
    this.#options.turn.end();
  }

  #patience(until: number): Promise<void> {
    const { federation } = this.#options;
    // What stands in a file of its own is closed with the directory, which has a patience of its own.
    if (federation === undefined) return Promise.resolve();
    return new Promise((resolve) =>
      this.clock.after(Math.max(LEAST_CLOSING_MS, until - this.clock.monotonic()), resolve),
    );
  }

  #addClient(socket: WebSocket, room: string, address: ClientAddress): void {
    try {
      this.clients.add(new Session(socket, parseRoomName(room), address, this));
    } catch (error) {
      if (!(error instanceof NameError)) throw error;
      const session = new Session(socket, '', address, this);
      this.clients.add(session);
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
    return this.clients.sessionOf(id);
  }

  isStarting(): boolean {
    return this.clock.monotonic() - this.#startedAt < STARTING_MS;
  }

  sessionJoined(session: Session, member: Member, how: JoinedHow): void {
    this.clients.join(session, member.id);
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

  act(address: ClientAddress, room: Room, member: Member, command: OwnerCommand): Promise<string> {
    return act(this, { address, room, member }, command);
  }

  sessionLeft(session: Session, member: Member, code: number, reason: string): void {
    const { id, nick } = member;
    this.clients.leave(session, member);
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
    this.clients.remove(session);
    this.#connectionClosed(session.address);
  }

  #connectionClosed(address: ClientAddress): void {
    this.#door.left(address);
    if (this.clients.sessions.size + this.#admins.size === 0) this.#allClosed?.();
  }

  unexpected(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.emit({ event: 'warning', at: this.clock.now(), message: `internal error: ${message}` });
  }

  readonly emit = (event: ServerEvent): void => {
    this.#options.events(event);
    this.watchers.tell(event);
  };
}
