// The bans, of the whole server and of single rooms, in a form that says at once whether an address is banned: what a
// request costs depends on how many lengths of prefix are in use, never on the number of bans. Knows no clock.

import { type Network, networkOf } from '../addresses/network.ts';

export interface Ban {
  readonly network: Network;
  /** Undefined: the whole server. */
  readonly room: string | undefined;
  /** Milliseconds since 1970; without `until` it has no end. */
  readonly since: number;
  readonly until: number | undefined;
  readonly reason: string | undefined;
  /** The client that it was made for. */
  readonly client: { readonly id: string; readonly nick: string } | undefined;
}

/** By the length of the prefix, then by its bits. Nothing empty is kept. */
type ByLength = Map<number, Map<bigint, Ban>>;

export class BanList implements Iterable<Ban> {
  /** By room; '' is the whole server, as no room is called that. */
  readonly #scopes = new Map<string, { readonly 4: ByLength; readonly 6: ByLength }>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  *[Symbol.iterator](): Iterator<Ban> {
    for (const scope of this.#scopes.values()) {
      for (const family of [scope[4], scope[6]]) {
        for (const bans of family.values()) yield* bans.values();
      }
    }
  }

  /** Takes the place of an earlier ban of the same network in the same place. */
  add(ban: Ban): void {
    const { family, length, bits } = ban.network;
    let scope = this.#scopes.get(ban.room ?? '');
    if (scope === undefined) {
      scope = { 4: new Map(), 6: new Map() };
      this.#scopes.set(ban.room ?? '', scope);
    }
    let bans = scope[family].get(length);
    if (bans === undefined) {
      bans = new Map();
      scope[family].set(length, bans);
    }
    if (!bans.has(bits)) this.#count++;
    bans.set(bits, ban);
  }

  get(network: Network, room: string | undefined): Ban | undefined {
    const { family, length, bits } = network;
    return this.#scopes
      .get(room ?? '')
      ?.[family].get(length)
      ?.get(bits);
  }

  remove(ban: Ban): void {
    const { family, length, bits } = ban.network;
    const scope = this.#scopes.get(ban.room ?? '');
    const bans = scope?.[family].get(length);
    if (scope === undefined || bans?.delete(bits) !== true) return;
    this.#count--;
    if (bans.size === 0) scope[family].delete(length);
    if (scope[4].size + scope[6].size === 0) this.#scopes.delete(ban.room ?? '');
  }

  /** The bans of this place that cover all of a network. */
  *covering(network: Network, room: string | undefined): Iterable<Ban> {
    for (const [length, bans] of this.#scopes.get(room ?? '')?.[network.family] ?? []) {
      if (length > network.length) continue;
      const ban = bans.get(networkOf(network, length).bits);
      if (ban !== undefined) yield ban;
    }
  }
}
