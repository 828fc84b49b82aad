// Lets in who knows a room's password, and slows down who guesses: per address and room, and per address over all rooms.
// The guesses of one address are checked one after the other, so that a burst of them is never hashed at once.

import type { PasswordHash } from '../log/index.ts';
import { ProtocolError } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { PasswordHasher } from './password.ts';
import { Throttle } from './throttle.ts';

const WRONG_A_ROOM = 3;
const WRONG_AN_ADDRESS = 10;
/** Checks of one address that may wait for each other. */
const WAITING = 16;

interface Queue {
  last: Promise<void>;
  length: number;
}

export class PasswordGate {
  private readonly ofRoom: Throttle;
  private readonly ofAddress: Throttle;
  private readonly queues = new Map<string, Queue>();

  constructor(
    private readonly hasher: PasswordHasher,
    clock: Clock,
  ) {
    this.ofRoom = new Throttle(clock, WRONG_A_ROOM);
    this.ofAddress = new Throttle(clock, WRONG_AN_ADDRESS);
  }

  /**
   * Resolves where the password is right. Rejects with ProtocolError: `password_required`, `password_wrong`, `throttled`,
   * `overloaded`.
   */
  async check(address: string, room: string, password: string | undefined, stored: PasswordHash): Promise<void> {
    if (password === undefined) throw new ProtocolError('password_required', 'This room has a password.');
    const queue = this.queues.get(address) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= WAITING) {
      throw new ProtocolError(
        'overloaded',
        'Too many passwords from your address are being checked. Try again in a moment.',
      );
    }
    this.queues.set(address, queue);
    queue.length++;
    const checked = queue.last.then(() => this.checkOne(address, room, password, stored));
    queue.last = checked.catch(() => {});
    try {
      await checked;
    } finally {
      if (--queue.length === 0) this.queues.delete(address);
    }
  }

  private async checkOne(address: string, room: string, password: string, stored: PasswordHash): Promise<void> {
    const source = `${address} ${room}`;
    const wait = Math.max(this.ofRoom.waitOf(source), this.ofAddress.waitOf(address));
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      throw new ProtocolError('throttled', `Too many wrong passwords. Try again in ${seconds} seconds.`);
    }
    if (await this.hasher.verify(password, stored, this.ofAddress.isSuspect(address))) return;
    this.ofRoom.wrong(source);
    this.ofAddress.wrong(address);
    throw new ProtocolError('password_wrong', 'This is not the password of the room.');
  }
}
