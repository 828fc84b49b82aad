// A room's password: hashed with scrypt when the room is made, checked by hashing again. Each hash waits for its turn.

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from '../../log/index.ts';
import { type Applicant, HashingQueue } from './hashing-queue.ts';

const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** 128 * N * r bytes, and some more for what is around it. */
const MAX_MEMORY = 64 * 1024 * 1024;

/** Whoever runs the server: known, and in no room's line. */
const ADMIN: Applicant = { rank: 'proven', room: '', network: '', isGone: () => false };

export class PasswordHasher {
  readonly #queue = new HashingQueue();

  /** Rejects with ProtocolError `overloaded` where too many wait already, or the applicant has left. */
  async hash(password: string, applicant = ADMIN): Promise<PasswordHash> {
    const salt = randomBytes(SALT_BYTES);
    const options = { ...COST, maxmem: MAX_MEMORY };
    const hash = await this.#queue.run(applicant, () => derive(password, salt, options));
    return { algorithm: 'scrypt', ...COST, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
  }

  /** Whether the password is the one of `stored`, compared in constant time. Rejects as hash() does. */
  async verify(password: string, stored: PasswordHash, applicant: Applicant): Promise<boolean> {
    const { N, r, p } = stored;
    const salt = Buffer.from(stored.salt, 'base64url');
    const hash = await this.#queue.run(applicant, () => derive(password, salt, { N, r, p, maxmem: MAX_MEMORY }));
    const expected = Buffer.from(stored.hash, 'base64url');
    return expected.length === hash.length && timingSafeEqual(hash, expected);
  }
}

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
