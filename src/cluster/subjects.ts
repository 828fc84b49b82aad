// What a cluster's streams, subjects and buckets are called. Two clusters on one NATS have different prefixes.

import { createHash } from 'node:crypto';

/** Rooms are spread over so many streams: each has a leader of its own. Never changes: it says where a room is. */
export const SHARDS = 16;

export class Names {
  /** Letters, digits, `-` and `_`; may be empty. */
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix === '' ? '' : `${prefix}-`;
  }

  stream(shard: number): string {
    return `${this.#prefix.toUpperCase()}CHAT_${shard.toString().padStart(2, '0')}`;
  }

  /** Of all rooms of a stream. */
  subjects(shard: number): string {
    return `${this.#prefix}chat.${shard}.*.*`;
  }

  /** Where a room's batches are appended. */
  room(room: string, epoch: string): string {
    return `${this.#prefix}chat.${shardOf(room)}.${tokenOf(room)}.${epoch}`;
  }

  /** Where they are told of, once they are stored. */
  live(room: string, epoch: string): string {
    return `${this.#prefix}live.${shardOf(room)}.${tokenOf(room)}.${epoch}`;
  }

  get republished(): { readonly src: string; readonly dest: string } {
    return {
      src: `${this.#prefix}chat.*.*.*`,
      dest: `${this.#prefix}live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}`,
    };
  }

  /** Where a room's nodes tell of their members. */
  presence(room: string): string {
    return `${this.#prefix}presence.${shardOf(room)}.${tokenOf(room)}`;
  }

  /** Where nodes say that they are there. */
  get nodes(): string {
    return `${this.#prefix}nodes`;
  }

  /** Where nodes ask one another. */
  get questions(): string {
    return `${this.#prefix}questions`;
  }

  /** Where they ask who is in a room, of those that do not have it open. */
  get rosters(): string {
    return `${this.#prefix}rosters`;
  }

  /** Where they tell of what happens, while somebody watches. */
  get events(): string {
    return `${this.#prefix}events`;
  }

  /** Where a node tries whether anything is decided: a key of the bucket of the cluster. */
  pulse(node: string): string {
    return `$KV.${this.bucket('cluster')}.pulse.${node}`;
  }

  bucket(name: 'rooms' | 'cluster' | 'bans'): string {
    return `${this.#prefix}${name}`;
  }
}

export function shardOf(room: string): number {
  return (createHash('sha256').update(room).digest()[0] ?? 0) % SHARDS;
}

/** A room's name as one token of a subject, and as a key. */
export function tokenOf(room: string): string {
  return Buffer.from(room).toString('base64url');
}

export function roomOf(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}
