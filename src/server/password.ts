// A room's password: hashed with scrypt when the room is made, checked by hashing again. Hashing is bounded in number,
// because it shares the thread pool with the syncing of logs and takes 32 MiB each time.

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

export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** Rejects with ProtocolError `overloaded` where too many wait already. */
  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.derive(password, salt, { ...COST, maxmem: MAX_MEMORY });
    return { algorithm: 'scrypt', ...COST, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
  }

  /** Whether the password is the one of `stored`, compared in constant time. Rejects as hash() does. */
  async verify(password: string, stored: PasswordHash): Promise<boolean> {
    const { N, r, p } = stored;
    const hash = await this.derive(password, Buffer.from(stored.salt, 'base64url'), { N, r, p, maxmem: MAX_MEMORY });
    const expected = Buffer.from(stored.hash, 'base64url');
    return expected.length === hash.length && timingSafeEqual(hash, expected);
  }

  private async derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
    await this.turn();
    try {
      return await new Promise((resolve, reject) => {
        scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      });
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= WAITING) {
        throw new ProtocolError('overloaded', 'Too many passwords are being checked right now. Try again in a moment.');
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running++;
  }
}
