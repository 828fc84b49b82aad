// Masking (RFC 6455 §5.3): the exclusive-or over a payload, and keys that nobody can foresee. Works in place.
import { randomFillSync } from 'node:crypto';

/** Shorter runs are not worth the view of 32-bit words. */
const WORDWISE_FROM = 128;

const keyOctets = new Uint8Array(4);
const keyWord = new Int32Array(keyOctets.buffer);

/** Masks or unmasks `bytes` in place; `phase` is how many bytes of the same payload went before them. */
export function applyMask(bytes: Buffer, maskingKey: number, phase: number): void {
  const rotated = rotate(maskingKey, phase & 3);
  if (bytes.length < WORDWISE_FROM) {
    maskOctets(bytes, 0, bytes.length, rotated);
    return;
  }
  const start = (4 - (bytes.byteOffset & 3)) & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 2);
  const key = rotate(rotated, start);
  keyOctets[0] = key >>> 24;
  keyOctets[1] = key >>> 16;
  keyOctets[2] = key >>> 8;
  keyOctets[3] = key;
  const word = keyWord[0] ?? 0;
  for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ word;
  maskOctets(bytes, 0, start, rotated);
  maskOctets(bytes, start + words.length * 4, bytes.length, key);
}

function rotate(key: number, octets: number): number {
  return octets === 0 ? key : (key << (8 * octets)) | (key >>> (32 - 8 * octets));
}

function maskOctets(bytes: Buffer, start: number, end: number, maskingKey: number): void {
  const first = maskingKey >>> 24;
  const second = (maskingKey >>> 16) & 0xff;
  const third = (maskingKey >>> 8) & 0xff;
  const fourth = maskingKey & 0xff;
  let i = start;
  // Four at a time: turning the key for each octet takes two and a half times as long.
  for (; i + 3 < end; i += 4) {
    bytes[i] = (bytes[i] ?? 0) ^ first;
    bytes[i + 1] = (bytes[i + 1] ?? 0) ^ second;
    bytes[i + 2] = (bytes[i + 2] ?? 0) ^ third;
    bytes[i + 3] = (bytes[i + 3] ?? 0) ^ fourth;
  }
  if (i < end) bytes[i] = (bytes[i] ?? 0) ^ first;
  if (i + 1 < end) bytes[i + 1] = (bytes[i + 1] ?? 0) ^ second;
  if (i + 2 < end) bytes[i + 2] = (bytes[i + 2] ?? 0) ^ third;
}

// One call for many keys: asking the system's generator for four bytes at a time would cost more than the frame.
const keys = new Int32Array(1024);
let nextKey = keys.length;

/** RFC 6455 §5.3: a fresh key for each frame, from a strong source of entropy. */
export function newMaskingKey(): number {
  if (nextKey === keys.length) {
    randomFillSync(keys);
    nextKey = 0;
  }
  return keys[nextKey++] ?? 0;
}
