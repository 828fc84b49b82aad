// The bans of many servers: each is an entry of a table that all of them have.

import type { DataDirectory } from '../../log/index.ts';
import { formatNetwork } from '../addresses/network.ts';
import { BanFile, decodeBan, encodeBan } from './ban-file.ts';
import { type Ban, BanList } from './ban-list.ts';
import type { BanStore, Bans } from './bans.ts';

/** Texts by key, the same at every server. */
export interface SharedTable {
  /** Tells of every entry there is, at once, and of each one that is set or deleted from here on, wherever. */
  follow(changed: (key: string, value: string | undefined) => void): void;
  /** Resolves once it is durable; rejects where it may not be. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

export class SharedBans implements BanStore {
  readonly #table: SharedTable;
  readonly #byKey = new Map<string, Ban>();

  /** `made` is told of every ban as it begins to hold here. Throws BadField for one that cannot be read: nobody is let in then. */
  constructor(table: SharedTable, list: BanList, made: (ban: Ban) => void) {
    this.#table = table;
    table.follow((key, value) => {
      const before = this.#byKey.get(key);
      if (value !== undefined) {
        const ban = decodeBan(value);
        this.#byKey.set(key, ban);
        list.add(ban);
        made(ban);
      } else if (before !== undefined) {
        this.#byKey.delete(key);
        list.remove(before);
      }
    });
  }

  added(ban: Ban): Promise<void> {
    return this.#table.set(keyOf(ban), encodeBan(ban));
  }

  async removed(bans: readonly Ban[]): Promise<void> {
    await Promise.all(bans.map((ban) => this.#table.delete(keyOf(ban))));
  }
}

/** The bans of a server that was alone before hold at all servers from now on, and are kept where theirs are. */
export async function bringBans(directory: DataDirectory, bans: Bans): Promise<void> {
  const own = new BanList();
  const file = new BanFile(directory, own);
  if (own.size === 0) return;
  const brought = [...own];
  for (const ban of brought) if (bans.get(ban.network, ban.room) === undefined) await bans.add(ban);
  for (const ban of brought) own.remove(ban);
  await file.removed();
}

/** A ban takes the place of an earlier one of the same network in the same place. */
function keyOf({ network, room }: Ban): string {
  return `${formatNetwork(network)} ${room ?? ''}`;
}
