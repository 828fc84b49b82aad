// The rooms whose logs are open. A room that nobody is in is closed after a while: it costs no memory and no descriptor,
// and is still there on disk.

import { DamagedError, type DataDirectory, ForeignRoomError, type PasswordHash, type RoomLog } from '../log/index.ts';
import { ProtocolError } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import { Room, type RoomOptions } from './room.ts';
import type { Storage } from './storage.ts';

/** Logs that may be closing beside as many as may be open: until it is closed, each has its descriptor. */
const MOST_CLOSING = 4;

export interface RoomsOptions extends RoomOptions {
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly storage: Storage;
  /** Logs open at once. */
  readonly most: number;
  /** Milliseconds without anybody after which a room is closed. */
  readonly idle: number;
}

export class Rooms {
  private readonly open = new Map<string, Room>();
  /** Closing takes a sync; a room that is wanted again meanwhile must wait for it. */
  private readonly closing = new Map<string, Promise<void>>();
  /** Deleted at the moment: who wants such a room waits until it is gone. */
  private readonly removing = new Map<string, Promise<void>>();

  constructor(private readonly options: RoomsOptions) {}

  get size(): number {
    return this.open.size;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.open.values();
  }

  ifOpen(name: string): Room | undefined {
    return this.open.get(name);
  }

  exists(name: string): boolean {
    return this.open.has(name) || this.options.directory.has(name);
  }

  /**
   * The room, opened where it is not, or undefined where it does not exist. The caller holds it: `release` when it needs
   * it no more. Rejects with ProtocolError `damaged` or `overloaded`.
   */
  async hold(name: string): Promise<Room | undefined> {
    // No step between the last look and the room: what ends it could begin there.
    for (let ending = this.mustWait(name); ending !== undefined; ending = this.mustWait(name)) {
      // Where a deletion failed the room is still there, and whoever wanted it has been told.
      await ending.catch(() => {});
    }
    const room = this.open.get(name) ?? (this.options.directory.has(name) ? this.add(name, 'open') : undefined);
    if (room !== undefined) room.holds++;
    return room;
  }

  /**
   * A room that does not exist yet, made with the password hash of whoever opens it, and held. Undefined where it exists
   * by now: of several who wait for the same room to go, one makes it anew. Throws ProtocolError
   * `overloaded` where there are as many as there may be.
   */
  create(name: string, password: PasswordHash | undefined): Room | undefined {
    if (this.mustWait(name) !== undefined || this.exists(name)) return undefined;
    this.options.storage.checkNewRoom();
    const room = this.add(name, 'create', password);
    room.holds++;
    return room;
  }

  release(room: Room): void {
    room.holds--;
    room.idleSince = this.options.clock.monotonic();
  }

  /** Closes the rooms that have been empty for long. Called now and then. */
  closeIdle(): void {
    const before = this.options.clock.monotonic() - this.options.idle;
    for (const room of this.open.values()) {
      if (room.isIdle && room.idleSince <= before) this.close(room);
    }
  }

  /**
   * Deletes a room, whoever holds it. Those who want it from now on wait, and find it gone; `empty` ends those who are in
   * it or on their way, in this turn. False where there is no such room. Rejects with the system's error.
   */
  async remove(name: string, empty: () => void): Promise<boolean> {
    let removed = this.removing.get(name);
    if (removed === undefined) {
      if (!this.exists(name)) return false;
      removed = this.removeNow(name, empty).finally(() => this.removing.delete(name));
      this.removing.set(name, removed);
    }
    await removed;
    return true;
  }

  private async removeNow(name: string, empty: () => void): Promise<void> {
    empty();
    const room = this.open.get(name);
    if (room !== undefined) {
      room.flush();
      this.close(room);
    }
    await this.closing.get(name);
    await this.options.directory.deleteRoom(name);
  }

  /** Closes all, with everything that was accepted saved. */
  async closeAll(): Promise<void> {
    for (const room of this.open.values()) room.flush();
    for (const room of this.open.values()) this.close(room);
    await Promise.all([...this.closing.values(), ...this.removing.values()]);
  }

  /** What a room of this name has to wait for before it can be had: its own end, or that others are closed. */
  private mustWait(name: string): Promise<void> | undefined {
    const ending = this.ending(name);
    if (ending !== undefined || this.open.has(name)) return ending;
    const isFull = this.closing.size > 0 && this.open.size + this.closing.size >= this.options.most + MOST_CLOSING;
    return isFull ? Promise.race(this.closing.values()) : undefined;
  }

  /** What ends the room of this name at the moment: nothing may be done with it before that is over. */
  private ending(name: string): Promise<void> | undefined {
    return this.removing.get(name) ?? this.closing.get(name);
  }

  private close(room: Room): void {
    this.open.delete(room.name);
    const closed = room.close().finally(() => this.closing.delete(room.name));
    this.closing.set(room.name, closed);
  }

  private add(name: string, how: 'open' | 'create', password?: PasswordHash): Room {
    if (this.open.size >= this.options.most) this.closeOneIdle();
    let room: Room | undefined;
    const listener = { durable: () => room?.durable() };
    const { directory, clock } = this.options;
    try {
      const log: RoomLog =
        how === 'open'
          ? directory.open(name, listener)
          : directory.create(name, { created: clock.now(), ...(password && { password }) }, listener);
      room = new Room(log, this.options);
    } catch (error) {
      throw this.explain(name, error);
    }
    this.open.set(name, room);
    return room;
  }

  private closeOneIdle(): void {
    for (const room of this.open.values()) {
      if (!room.isIdle) continue;
      this.close(room);
      return;
    }
    throw new ProtocolError('overloaded', 'The server has too many rooms open right now. Try again later.');
  }

  private explain(name: string, error: unknown): unknown {
    if (error instanceof DamagedError || error instanceof ForeignRoomError) {
      this.warn(name, error.message);
      return new ProtocolError(
        'damaged',
        'The log of this room is damaged: whoever runs the server has to look at it.',
      );
    }
    if (!(error instanceof Error && 'code' in error)) return error;
    this.warn(name, `The room could not be opened: ${error.message}`);
    return new ProtocolError('overloaded', 'The server could not open this room right now. Try again later.');
  }

  private warn(room: string, message: string): void {
    this.options.events({ event: 'warning', at: this.options.clock.now(), room, message });
  }
}
