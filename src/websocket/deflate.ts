// One message's payload deflated and inflated (RFC 7692 §7.2), synchronously and without a zlib stream that stays.
// What a context takeover carries over is a dictionary that the caller keeps.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { CloseCode } from './close-codes.ts';
import { WebSocketError } from './error.ts';

/** RFC 7692 §7.2.1: the empty block that a flush ends with; it is not sent. */
const FLUSH_TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** The tail put back (§7.2.2), and an empty final block: zlib then says so when a message stops inside a block. */
const INFLATE_TAIL = Buffer.from([...FLUSH_TAIL, 0x03, 0x00]);
/** Each final block costs a new inflater; an honest message has at most one. */
const MAX_FINAL_BLOCKS = 16;

/** Deflates with a window of 2^windowBits bytes, 8 to 15; `dictionary` is what the window holds already. */
export function deflateMessage(payload: Buffer, windowBits: number, dictionary: Buffer): Buffer {
  const deflated = deflateRawSync(payload, {
    finishFlush: constants.Z_SYNC_FLUSH,
    // zlib has no raw window of 2^8. With 2^9 it keeps 262 bytes of look-ahead: it reaches back 250 at most.
    windowBits: Math.max(windowBits, 9),
    ...withDictionary(dictionary),
  });
  return deflated.subarray(0, deflated.length - FLUSH_TAIL.length);
}

/** Inflates a message; throws a WebSocketError when it is damaged, or as soon as it exceeds `maxLength`. */
export function inflateMessage(payload: Buffer, windowBits: number, dictionary: Buffer, maxLength: number): Buffer {
  let rest = Buffer.concat([payload, INFLATE_TAIL]);
  let inflated: Buffer = Buffer.alloc(0);
  for (let blocks = 0; blocks <= MAX_FINAL_BLOCKS; blocks++) {
    const window = blocks === 0 ? dictionary : slideWindow(dictionary, inflated, windowBits);
    const part = inflatePart(rest, windowBits, window, maxLength - inflated.length);
    inflated = blocks === 0 ? part.bytes : Buffer.concat([inflated, part.bytes]);
    // RFC 7692 §7.2.3.4: a block with BFINAL set need not be the last of the message.
    rest = rest.subarray(part.consumed);
    if (rest.length === 0) return inflated;
  }
  throw new WebSocketError(CloseCode.tooBig, 'message has too many final blocks');
}

/** The last 2^windowBits bytes of `window` and then `bytes`, copied. */
export function slideWindow(window: Buffer, bytes: Buffer, windowBits: number): Buffer {
  const size = 2 ** windowBits;
  if (bytes.length >= size) return Buffer.from(bytes.subarray(bytes.length - size));
  return Buffer.concat([window.subarray(Math.max(0, window.length + bytes.length - size)), bytes]);
}

function withDictionary(dictionary: Buffer): { dictionary?: Buffer } {
  return dictionary.length === 0 ? {} : { dictionary };
}

/** Inflates up to the first final block's end. */
function inflatePart(bytes: Buffer, windowBits: number, dictionary: Buffer, maxLength: number) {
  try {
    const result: unknown = inflateRawSync(bytes, {
      windowBits,
      ...withDictionary(dictionary),
      maxOutputLength: Math.max(maxLength, 1),
      // Tells how much was consumed.
      info: true,
    });
    if (!isInflated(result)) throw new TypeError('zlib gave no account of what it read');
    if (result.buffer.length > maxLength) throw tooLong();
    return { bytes: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLong();
    if (typeof error.code === 'string' && error.code.startsWith('Z_')) {
      throw new WebSocketError(CloseCode.invalidData, 'compressed message is damaged');
    }
    throw error;
  }
}

function isInflated(result: unknown): result is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof result === 'object' && result !== null && 'engine' in result && 'buffer' in result;
}

function tooLong(): WebSocketError {
  return new WebSocketError(CloseCode.tooBig, 'message is too long');
}
