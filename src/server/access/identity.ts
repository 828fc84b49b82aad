// Who a client is: unguessable ids, the resume keys that make a client of a later connection the same one, and the key that
// makes it an owner of its room. Keys are signed with the data directory's secret, so nothing is kept for them and they survive a restart.

import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto';
import type { RoomMeta } from '../../log/index.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const ID_BYTES = 24;

// One call for many ids: asking the system's generator for so few bytes at a time costs more than all else in an id.
const randomness = Buffer.alloc(ID_BYTES * 64);
let used = randomness.length;

/** A new client's id: 24 characters, 120 random bits, no character that is easily taken for another. */
export function newClientId(): string {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  let id = '';
  for (const byte of randomness.subarray(used, used + ID_BYTES)) id += ALPHABET[byte % 32];
  // What was handed out is no longer here for anybody to find.
  randomness.fill(0, used, used + ID_BYTES);
  used += ID_BYTES;
  return id;
}

/**
 * The id that whatever is said under this key has: the same for the same key of the same nick, in this log alone. `epoch` is
 * the log's; a nick has no line breaks.
 */
export function idOfKey(secret: Buffer, epoch: string, nick: string, key: string): string {
  const digest = createHmac('sha256', secret).update(`idempotency\n${epoch}\n${nick}\n${key}`).digest();
  let id = '';
  for (const byte of digest.subarray(0, ID_BYTES)) id += ALPHABET[byte % 32];
  return id;
}

/** Whether this can be a whole id. */
export function isClientId(text: string): boolean {
  return text.length === ID_BYTES && [...text].every((character) => ALPHABET.includes(character));
}

/** What the keys of a room are signed for: its log, and how often they were changed. An epoch holds no `#`. */
export function keysOf({ epoch, keys }: RoomMeta): string {
  return keys === undefined ? epoch : `${epoch}#${keys}`;
}

/** The key that is worth the id, as long as those keys count; `keys` is of keysOf. */
export function resumeKey(secret: Buffer, keys: string, id: string): string {
  return createHmac('sha256', secret).update(`${keys}\n${id}`).digest('base64url');
}

/** The key of a room's owners: of this log alone, until it is changed. */
export function ownerKey(secret: Buffer, { name, epoch, rules }: RoomMeta): string {
  return createHmac('sha256', secret)
    .update(`owner\n${epoch}\n${rules?.owners ?? 0}\n${name}`)
    .digest('base64url');
}

/** Compared in constant time. */
export function ownerKeyFits(secret: Buffer, meta: RoomMeta, key: string): boolean {
  return isSame(ownerKey(secret, meta), key);
}

/** Compared in constant time. */
export function resumeKeyFits(secret: Buffer, keys: string, id: string, key: string): boolean {
  return isSame(resumeKey(secret, keys, id), key);
}

function isSame(expected: string, given: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}
