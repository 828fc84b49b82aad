// Who is banned, from the server or from a room: asked before the upgrade and at the join, changed by the admin, kept in
// the data directory or by many servers together. An address of this machine is never banned: the admin would shut out herself.

import { ProtocolError } from '../../protocol/index.ts';
import type { Refusal } from '../../websocket/index.ts';
import type { ClientAddress } from '../addresses/address.ts';
import { type Network, parseAddress } from '../addresses/network.ts';
import type { Clock } from '../common/clock.ts';
import * as refusals from '../http/refusals.ts';
import { type Ban, BanList } from './ban-list.ts';

/** Bans at once: they are kept in memory and written whole. */
const MOST_BANS = 10_000;

/** Where they are kept. Both resolve once it is durable, and reject with what the system says. */
export interface BanStore {
  added(ban: Ban): Promise<void>;
  removed(bans: readonly Ban[]): Promise<void>;
}

export class Bans {
  readonly #list = new BanList();
  readonly #store: BanStore;
  readonly #clock: Clock;

  /** `open` puts what was kept into the list. */
  constructor(clock: Clock, open: (list: BanList) => BanStore) {
    this.#clock = clock;
    this.#store = open(this.#list);
    this.#forgetExpired();
  }

  /** How many there are in a room; without one, in all rooms and of the server together. */
  count(room?: string): number {
    return room === undefined ? this.all().length : this.all().filter((ban) => ban.room === room).length;
  }

  get isFull(): boolean {
    this.#forgetExpired();
    return this.#list.size >= MOST_BANS;
  }

  /** The answer to a request from an address that is banned from the server, or undefined. */
  refusal(address: ClientAddress): Refusal | undefined {
    const ban = this.#of(address, undefined);
    return ban === undefined ? undefined : refusals.banned(sentenceOf(ban));
  }

  /** Throws ProtocolError `banned` for an address that is banned from the room, or from the server. */
  check(address: ClientAddress, room: string): void {
    const ban = this.#of(address, undefined) ?? this.#of(address, room);
    if (ban !== undefined) throw bannedBy(ban);
  }

  /** The bans in force, once those that are over are forgotten. */
  all(): Ban[] {
    this.#forgetExpired();
    return [...this.#list];
  }

  get(network: Network, room: string | undefined): Ban | undefined {
    return [this.#list.get(network, room)].find((ban) => ban !== undefined && !this.#isOver(ban));
  }

  /** The bans in force that cover all of a network, in this place. */
  covering(network: Network, room: string | undefined): Ban[] {
    return [...this.#list.covering(network, room)].filter((ban) => !this.#isOver(ban));
  }

  /** Holds from this turn on. Resolves once it is durable; rejects with the system's error. */
  add(ban: Ban): Promise<void> {
    this.#list.add(ban);
    return this.#store.added(ban);
  }

  /** As `add`. */
  remove(...bans: readonly Ban[]): Promise<void> {
    for (const ban of bans) this.#list.remove(ban);
    return this.#store.removed(bans);
  }

  /** Of several the one that lasts longest. */
  #of(address: ClientAddress, room: string | undefined): Ban | undefined {
    if (this.#list.size === 0 || address.isLoopback) return undefined;
    const network = parseAddress(address.text);
    if (network === undefined) return undefined;
    let longest: Ban | undefined;
    for (const ban of this.#list.covering(network, room)) {
      if (!this.#isOver(ban) && endOf(ban) > (longest === undefined ? 0 : endOf(longest))) longest = ban;
    }
    return longest;
  }

  #forgetExpired(): void {
    for (const ban of this.#list) if (this.#isOver(ban)) this.#list.remove(ban);
  }

  #isOver(ban: Ban): boolean {
    return endOf(ban) <= this.#clock.now();
  }
}

/** What ends those whom a ban finds connected, and answers those who come. */
export function bannedBy(ban: Ban): ProtocolError {
  return new ProtocolError('banned', sentenceOf(ban));
}

function endOf({ until }: Ban): number {
  return until ?? Number.POSITIVE_INFINITY;
}

function sentenceOf({ room, until, reason }: Ban): string {
  const where = room === undefined ? 'this server' : 'this room';
  const end = until === undefined ? '' : ` until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `You are banned from ${where}${end}${reason === undefined ? '.' : `: ${reason}`}`;
}
