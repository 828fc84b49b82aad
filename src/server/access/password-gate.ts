// Lets in who knows a room's password, and slows down who guesses: per address and room, and per address over all rooms,
// each in the networks of the address too. The passwords of one address are hashed one after the other, so that a burst
// of guesses is never hashed at once. Whoever has given the right one before is let in before all others.

import type { PasswordHash } from '../../log/index.ts';
import { ProtocolError } from '../../protocol/index.ts';
import type { ClientAddress } from '../addresses/address.ts';
import { Tally } from '../addresses/tally.ts';
import type { Clock } from '../common/clock.ts';
import { keepLast } from '../common/recent.ts';
import type { Applicant, Rank } from './hashing-queue.ts';
import type { PasswordHasher } from './password.ts';
import { Throttle } from './throttle.ts';

const WRONG_A_ROOM = 3;
const WRONG_AN_ADDRESS = 10;
/** Passwords of one address that may wait for each other. */
const WAITING = 16;
/** Bound on memory: of the addresses that are known in a room, those that came the longest ago are forgotten. */
const MOST_PROVEN = 10_000;

/** Who comes with a password, and where to. */
export interface Visitor {
  readonly address: ClientAddress;
  readonly room: string;
  /** Whether it has left meanwhile. */
  isGone(): boolean;
}

export class PasswordGate {
  readonly #ofRoom: Throttle;
  readonly #ofAddress: Throttle;
  /** Passwords that are checked or wait for it. */
  readonly #underWay = new Tally();
  /** The last of each address that has some under way. */
  readonly #last = new Map<string, Promise<unknown>>();
  /** Addresses with a room whose right password they have given. */
  readonly #proven = new Map<string, true>();
  readonly #hasher: PasswordHasher;

  constructor(hasher: PasswordHasher, clock: Clock) {
    this.#hasher = hasher;
    this.#ofRoom = new Throttle(clock, WRONG_A_ROOM);
    this.#ofAddress = new Throttle(clock, WRONG_AN_ADDRESS);
  }

  /**
   * Resolves where the password is right. Rejects with ProtocolError: `password_required`, `password_wrong`, `throttled`,
   * `overloaded`.
   */
  async check(visitor: Visitor, password: string | undefined, stored: PasswordHash): Promise<void> {
    if (password === undefined) throw new ProtocolError('password_required', 'This room has a password.');
    await this.#inTurn(visitor.address, () => this.#checkOne(visitor, password, stored));
  }

  /** The hash of a password for a new room. Rejects with ProtocolError `overloaded`. */
  hashForNewRoom({ address, isGone }: Visitor, password: string): Promise<PasswordHash> {
    const applicant = { rank: this.#rankOf(address), room: '', network: networkOf(address), isGone };
    return this.#inTurn(address, () => this.#hasher.hash(password, applicant));
  }

  async #inTurn<T>(address: ClientAddress, work: () => Promise<T>): Promise<T> {
    if (this.#underWay.has(WAITING, address)) {
      throw new ProtocolError(
        'overloaded',
        'Too many passwords from your address are being checked. Try again in a moment.',
      );
    }
    const { key } = address;
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = result.catch(() => {});
    this.#last.set(key, settled);
    this.#underWay.add(address, 1);
    try {
      return await result;
    } finally {
      this.#underWay.add(address, -1);
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }

  async #checkOne(visitor: Visitor, password: string, stored: PasswordHash): Promise<void> {
    const { address, room, isGone } = visitor;
    const inRoom = address.scopes.map(({ key, share }) => ({ key: `${key} ${room}`, share }));
    const place = `${address.key} ${room}`;
    const isProven = this.#proven.has(place);
    // What its neighbours have guessed does not keep out who is known here.
    const own = isProven ? 1 : inRoom.length;
    const waits = [this.#ofRoom.waitOf(inRoom.slice(0, own)), this.#ofAddress.waitOf(address.scopes.slice(0, own))];
    const wait = Math.max(...waits);
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      throw new ProtocolError(
        'throttled',
        `Too many wrong passwords. Try again in ${seconds} seconds.`,
        undefined,
        seconds,
      );
    }
    const rank = isProven ? 'proven' : this.#rankOf(address);
    const applicant: Applicant = { rank, room, network: networkOf(address), isGone };
    if (await this.#hasher.verify(password, stored, applicant)) {
      keepLast(this.#proven, place, true, MOST_PROVEN);
      return;
    }
    this.#ofRoom.wrong(inRoom);
    this.#ofAddress.wrong(address.scopes);
    throw new ProtocolError('password_wrong', 'This is not the password of the room.');
  }

  #rankOf(address: ClientAddress): Rank {
    return this.#ofAddress.isSuspect(address.scopes) ? 'suspect' : 'new';
  }
}

/** The widest network that an address is counted in. */
function networkOf({ scopes, key }: ClientAddress): string {
  return scopes.at(-1)?.key ?? key;
}
