// What both sides of the opening handshake (RFC 6455 §4) compute alike.
import { hash } from 'node:crypto';

export const VERSION = '13';

// Of the last character only two bits belong to the 16 bytes; the others are 0 (RFC 4648 §3.5).
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** RFC 6455 §4.2.2: the answer to a key. */
export function acceptValue(key: string): string {
  return hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64');
}

/** RFC 6455 §4.1: a key is 16 bytes in base64, which is always 24 characters. */
export function isKey(key: string): boolean {
  return KEY.test(key);
}
