// Requests under one Idempotency-Key: one after the other, so that each finds what the one before has said. Keeps only those
// that are under way.

import { randomInt } from 'node:crypto';
import type { Attempt, Cursor, ReadableLog, RoomMeta } from '../../log/index.ts';
import { ProtocolError, type SayCommand } from '../../protocol/index.ts';
import { idOfKey } from '../access/identity.ts';
import type { Clock } from '../common/clock.ts';
import type { Guise } from '../session/guise.ts';

const MOST_CHARACTERS = 256;
/** What was said under a key is found in so many last bytes of the log. */
const SEARCHED_BYTES = 1024 * 1024;

/** Throws ProtocolError `bad_request`. */
export function keyOf(field: string | string[] | undefined): string | undefined {
  if (field === undefined) return undefined;
  const key = String(field);
  if (key !== '' && key.length <= MOST_CHARACTERS) return key;
  throw new ProtocolError('bad_request', `An Idempotency-Key has 1 to ${MOST_CHARACTERS} characters.`);
}

/** What is said under a key, with the refs by which a repeat knows it: where it has none, its place. */
export function referred(says: readonly SayCommand[]): SayCommand[] {
  return says.map((say, i) => ({ ref: String(i + 1), ...say }));
}

/** Whoever says something under a key: the same client each time, to whom its own lines are replayed. */
export class KeyGuise implements Guise {
  readonly reads = false;
  readonly #secret: Buffer;
  readonly #clock: Clock;
  readonly #nick: string;
  readonly #key: string;

  constructor(secret: Buffer, clock: Clock, nick: string, key: string) {
    this.#secret = secret;
    this.#clock = clock;
    this.#nick = nick;
    this.#key = key;
  }

  /** Of two servers that are given the same key at once, the later attempt counts. */
  clientIn({ epoch }: RoomMeta): Attempt {
    const id = idOfKey(this.#secret, epoch, this.#nick, this.#key);
    return { id, attempt: this.#clock.now() * 1_000 + randomInt(1_000) };
  }

  startIn(log: ReadableLog): Cursor {
    return log.findAt(Math.max(0, log.durableEnd - SEARCHED_BYTES));
  }
}

export class Queues {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves when it is one's turn, with what ends it. */
  async enter(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end = (): void => {};
    const mine = new Promise<void>((resolve) => {
      end = () => {
        if (this.#last.get(key) === mine) this.#last.delete(key);
        resolve();
      };
    });
    this.#last.set(key, mine);
    await before;
    return end;
  }
}
