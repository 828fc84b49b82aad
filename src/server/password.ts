// A room's password: hashed with scrypt when the room is made, checked by hashing again. Hashing is bounded in number,
// because it shares the thread pool with the syncing of logs and takes 32 MiB each time. Suspects wait behind all others:
// whoever guesses from many addresses must not keep out those who know the password.

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from '../log/index.ts';
import { ProtocolError } from '../protocol/index.ts';

const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** 128 * N * r bytes, and some more for what is around it. */
const MAX_MEMORY = 64 * 1024 * 1024;
const AT_ONCE = 2;
const WAITING = 16;

interface Waiting {
  readonly suspect: boolean;
  readonly proceed: () => void;
  readonly turnAway: (error: ProtocolError) => void;
}

export class PasswordHasher {
  private running = 0;
  private readonly waiting: Waiting[] = [];

  /** Rejects with ProtocolError `overloaded` where too many wait already. */
  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.derive(password, salt, { ...COST, maxmem: MAX_MEMORY }, false);
    return { algorithm: 'scrypt', ...COST, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
  }

  /**
   * Whether the password is the one of `stored`, compared in constant time. `suspect`: it comes from somebody who has
   * guessed wrong a moment ago. Rejects as hash() does.
   */
  async verify(password: string, stored: PasswordHash, suspect = false): Promise<boolean> {
    const { N, r, p } = stored;
    const salt = Buffer.from(stored.salt, 'base64url');
    const hash = await this.derive(password, salt, { N, r, p, maxmem: MAX_MEMORY }, suspect);
    const expected = Buffer.from(stored.hash, 'base64url');
    return expected.length === hash.length && timingSafeEqual(hash, expected);
  }

  private async derive(password: string, salt: Buffer, options: ScryptOptions, suspect: boolean): Promise<Buffer> {
    await this.turn(suspect);
    try {
      return await new Promise((resolve, reject) => {
        scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      });
    } finally {
      const next = this.takeNext();
      // The place is handed over: were it free for a moment, a third could slip in.
      if (next === undefined) this.running--;
      else next.proceed();
    }
  }

  private async turn(suspect: boolean): Promise<void> {
    if (this.running < AT_ONCE) {
      this.running++;
      return;
    }
    if (this.waiting.length >= WAITING) {
      const last = suspect ? -1 : this.waiting.findLastIndex((other) => other.suspect);
      if (last === -1) throw overloaded();
      for (const other of this.waiting.splice(last, 1)) other.turnAway(overloaded());
    }
    await new Promise<void>((proceed, turnAway) => this.waiting.push({ suspect, proceed, turnAway }));
  }

  private takeNext(): Waiting | undefined {
    const first = this.waiting.findIndex((other) => !other.suspect);
    return this.waiting.splice(Math.max(0, first), 1)[0];
  }
}

function overloaded(): ProtocolError {
  return new ProtocolError('overloaded', 'Too many passwords are being checked right now. Try again in a moment.');
}
