// The rooms whose logs are open. A room that nobody is in is closed after a while: it costs no memory and no descriptor,
// and is still there on disk.

import {
  DamagedError,
  ForeignRoomError,
  type KnownRoom,
  type OpenedRoom,
  type PasswordHash,
  type RoomStore,
  UnservableError,
} from '../../log/index.ts';
import { ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import { Backlog } from './backlog.ts';
import { Pace } from './pace.ts';
import { ReplayCache } from './replay-cache.ts';
import { Room, type RoomOptions } from './room.ts';
import type { Storage } from './storage.ts';

/** Logs that may be closing beside as many as may be open: until it is closed, each has its descriptor. */
const MOST_CLOSING = 4;
/** Compressed frames of replays, of all rooms. */
const REPLAY_CACHE_BYTES = 4 * 1024 * 1024;

export interface RoomsOptions extends Omit<RoomOptions, 'backlog' | 'replays' | 'pace'> {
  readonly store: RoomStore;
  readonly clock: Clock;
  readonly storage: Storage;
  /** Bytes that may wait for the disk in all rooms together. */
  readonly unsynced: number;
  /** Logs open at once. */
  readonly most: number;
  /** Milliseconds without anybody after which a room is closed. */
  readonly idle: number;
}

export class Rooms {
  readonly #open = new Map<string, Room>();
  /** Closing takes a sync; a room that is wanted again meanwhile must wait for it. */
  readonly #closing = new Map<string, Promise<void>>();
  /** Opening and making wait for the disk as well; whoever wants the room meanwhile waits with them. */
  readonly #opening = new Map<string, Promise<void>>();
  /** Deletions under way, so that several of one room are one. */
  readonly #removing = new Map<string, Promise<void>>();
  /** All are closed: none is opened again, for the directory is another server's by then. */
  #isOver = false;
  readonly #backlog: Backlog;
  readonly #replays = new ReplayCache(REPLAY_CACHE_BYTES);
  readonly #pace: Pace;
  readonly #options: RoomsOptions;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.unsynced);
    this.#pace = new Pace(options.clock);
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.#open.values();
  }

  ifOpen(name: string): Room | undefined {
    return this.#open.get(name);
  }

  /** Every room there is, open or not. */
  known(): AsyncIterable<KnownRoom> {
    return this.#options.store.known();
  }

  exists(name: string): boolean {
    return this.#open.has(name) || this.#options.store.has(name);
  }

  /**
   * The room, opened where it is not, or undefined where it does not exist. The caller holds it: `release` when it needs
   * it no more. Rejects with ProtocolError `damaged`, `overloaded` or `going_away`.
   */
  async hold(name: string): Promise<Room | undefined> {
    for (;;) {
      if (this.#isOver) throw new ProtocolError('going_away', 'The server is shutting down.');
      await (this.#closing.get(name) ?? this.#opening.get(name));
      const room = this.#open.get(name);
      if (room !== undefined) {
        room.holds++;
        return room;
      }
      if (this.#isBusy(name)) continue;
      if (!this.#options.store.has(name)) return undefined;
      if (this.#areMostClosing) await Promise.race(this.#closing.values());
      else await this.#begin(name, () => this.#options.store.open(name));
    }
  }

  /**
   * A room that does not exist yet, made with the password hash of whoever opens it, and held. Of two that make it at once
   * exactly one does; the other is given what there is then. Rejects with ProtocolError `overloaded` where there are as many
   * as there may be.
   */
  async create(name: string, password: PasswordHash | undefined): Promise<{ room: Room; created: boolean }> {
    const { store, clock } = this.#options;
    const made = { created: clock.now(), ...(password && { password }) };
    for (;;) {
      const existing = await this.hold(name);
      if (existing !== undefined) return { room: existing, created: false };
      if (this.#isBusy(name)) continue;
      if (this.#areMostClosing) {
        await Promise.race(this.#closing.values());
        continue;
      }
      this.#options.storage.checkNewRoom();
      await this.#begin(name, () => store.create(name, made));
      const room = this.#open.get(name);
      if (room === undefined) continue;
      room.holds++;
      return { room, created: true };
    }
  }

  release(room: Room): void {
    room.holds--;
    room.idleSince = this.#options.clock.monotonic();
  }

  /** Closes the rooms that have been empty for long. Called now and then. */
  closeIdle(): void {
    const before = this.#options.clock.monotonic() - this.#options.idle;
    for (const room of this.#open.values()) {
      if (room.isIdle && room.idleSince <= before) this.#close(room);
    }
  }

  /**
   * Deletes a room, whoever holds it. Those who want it from now on wait, and find it gone; `empty` ends those who are in
   * it or on their way. False where there is no such room. Rejects with the system's error.
   */
  async remove(name: string, empty: () => void): Promise<boolean> {
    let removed = this.#removing.get(name);
    if (removed === undefined) {
      if (!this.exists(name)) return false;
      const work = () => this.#options.store.delete(name);
      removed = this.whileClosed(name, empty, work).finally(() => this.#removing.delete(name));
      this.#removing.set(name, removed);
    }
    await removed;
    return true;
  }

  /**
   * Runs `work` while the room is closed: who wants it meanwhile waits. `empty` ends those who are in it or on their way.
   */
  async whileClosed<T>(name: string, empty: () => void, work: () => Promise<T>): Promise<T> {
    while (this.#isBusy(name)) await Promise.allSettled([this.#opening.get(name), this.#closing.get(name)]);
    empty();
    const room = this.#open.get(name);
    this.#open.delete(name);
    room?.flush();
    const worked = Promise.resolve(room?.close()).then(work);
    const ended = worked.then(
      () => {},
      () => {},
    );
    this.#closing.set(name, ended);
    try {
      return await worked;
    } finally {
      this.#closing.delete(name);
    }
  }

  /** Closes all, with everything that was accepted saved. Never rejects. */
  async closeAll(): Promise<void> {
    this.#isOver = true;
    for (const room of this.#open.values()) room.flush();
    for (const room of this.#open.values()) this.#close(room);
    await Promise.allSettled(this.#opening.values());
    for (const room of this.#open.values()) this.#close(room);
    await Promise.all(this.#closing.values());
  }

  /** So many logs are open or closing that the next one has to wait until one is closed. */
  get #areMostClosing(): boolean {
    const { size } = this.#closing;
    return size > 0 && this.#open.size + this.#opening.size + size >= this.#options.most + MOST_CLOSING;
  }

  #close(room: Room): void {
    this.#open.delete(room.name);
    const closed = room.close().finally(() => this.#closing.delete(room.name));
    this.#closing.set(room.name, closed);
  }

  #isBusy(name: string): boolean {
    return this.#opening.has(name) || this.#closing.has(name);
  }

  /** Opens a room's log by `open`; the room is one of those that are open then. */
  #begin(name: string, open: () => Promise<OpenedRoom | undefined>): Promise<void> {
    if (this.#open.size + this.#opening.size >= this.#options.most) this.#closeOneIdle();
    const begun = this.#add(open).catch((error) => {
      throw this.#explain(name, error);
    });
    const ended = begun.finally(() => this.#opening.delete(name));
    this.#opening.set(name, ended);
    return ended;
  }

  async #add(open: () => Promise<OpenedRoom | undefined>): Promise<void> {
    const opened = await open();
    if (opened === undefined) return;
    const room = new Room(opened, {
      ...this.#options,
      backlog: this.#backlog,
      replays: this.#replays,
      pace: this.#pace,
    });
    this.#open.set(room.name, room);
  }

  #closeOneIdle(): void {
    for (const room of this.#open.values()) {
      if (!room.isIdle) continue;
      this.#close(room);
      return;
    }
    throw new ProtocolError('overloaded', 'The server has too many rooms open right now. Try again later.');
  }

  #explain(name: string, error: unknown): unknown {
    if (error instanceof UnservableError) return new ProtocolError('going_away', error.message);
    if (error instanceof DamagedError || error instanceof ForeignRoomError) {
      this.#warn(name, error.message);
      return new ProtocolError(
        'damaged',
        'The log of this room is damaged: whoever runs the server has to look at it.',
      );
    }
    if (!(error instanceof Error && 'code' in error)) return error;
    this.#warn(name, `The room could not be opened: ${error.message}`);
    return new ProtocolError('overloaded', 'The server could not open this room right now. Try again later.');
  }

  #warn(room: string, message: string): void {
    this.#options.events({ event: 'warning', at: this.#options.clock.now(), room, message });
  }
}
