// What both sides of the opening handshake (RFC 6455 §4) compute alike.
import { createHash } from 'node:crypto';

export const VERSION = '13';

/** RFC 6455 §4.2.2: the answer to a key. */
export function acceptValue(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** RFC 6455 §4.1: a key is 16 bytes in base64, which is always 24 characters. */
export function isKey(key: string): boolean {
  return (
    key.length === 24 &&
    Buffer.from(key, 'base64').length === 16 &&
    Buffer.from(key, 'base64').toString('base64') === key
  );
}
