// CRC-32 (the polynomial of RFC 1952 §8), by Node's own function where it has one: since 20.15 and 22.2.
// Must answer the same on every release: sums that one wrote, another reads.
import * as zlib from 'node:zlib';

const POLYNOMIAL = 0xedb88320;

/** The sum of `bytes`, or of what had the sum `before` with `bytes` behind it: 32 bits without a sign. */
export const crc32: (bytes: Buffer, before?: number) => number = 'crc32' in zlib ? zlib.crc32 : crc32ByTables;

/** Eight bytes at a time (M. Kounavis and F. Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC"). */
export function crc32ByTables(bytes: Buffer, before = 0): number {
  tables ??= makeTables();
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const at = (table: Int32Array, index: number): number => table[index & 0xff] ?? 0;
  let sum = ~before;
  let i = 0;
  for (const whole = bytes.length - 7; i < whole; i += 8) {
    const low = sum ^ bytes.readInt32LE(i);
    const high = bytes.readInt32LE(i + 4);
    sum =
      at(t7, low) ^
      at(t6, low >>> 8) ^
      at(t5, low >>> 16) ^
      at(t4, low >>> 24) ^
      at(t3, high) ^
      at(t2, high >>> 8) ^
      at(t1, high >>> 16) ^
      at(t0, high >>> 24);
  }
  for (; i < bytes.length; i += 1) sum = (sum >>> 8) ^ at(t0, sum ^ bytes.readUInt8(i));
  return ~sum >>> 0;
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Made at the first use: most releases of Node need none. */
let tables: Tables | undefined;

function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    return sum;
  });
  const next = (table: Int32Array) => table.map((sum) => (sum >>> 8) ^ (first[sum & 0xff] ?? 0));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
