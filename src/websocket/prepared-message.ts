// A text message that is encoded once for many receivers: header and payload in one buffer, sent with one write each.
// For servers only: a client's frames are masked, each with its own key.
import { COMPRESS_FROM } from './compression.ts';
import { deflateMessage } from './deflate.ts';
import { frameHeaderSize, Opcode, RSV1, writeFrameHeader } from './frame.ts';

/** Free bytes that a PreparedMessage needs before its payload: the longest header of an unmasked frame. */
export const FRAME_HEADROOM = 10;

const NO_DICTIONARY = Buffer.alloc(0);

export class PreparedMessage {
  /** The whole frame, uncompressed. */
  readonly plain: Buffer;
  readonly #headerSize: number;
  /** The compressed frames that were asked for, by their window bits. */
  #compressed: Map<number, Buffer> | undefined = undefined;

  /** The payload is UTF-8 at `start` to `end` of `buffer`, which is the message's from here on. */
  constructor(buffer: Buffer, start: number, end: number) {
    const length = end - start;
    const size = frameHeaderSize(length, false);
    if (start < size) throw new RangeError('no room for the frame header before the payload');
    writeFrameHeader(buffer, start - size, Opcode.text, 0, length, undefined);
    this.plain = buffer.subarray(start - size, end);
    this.#headerSize = size;
  }

  get payload(): Buffer {
    return this.plain.subarray(this.#headerSize);
  }

  /** The whole frame, compressed without a context; made once. The plain one where compressing gains nothing. */
  compressed(windowBits: number): Buffer {
    if (this.plain.length - this.#headerSize < COMPRESS_FROM) return this.plain;
    this.#compressed ??= new Map();
    let frame = this.#compressed.get(windowBits);
    if (frame === undefined) {
      frame = this.#compress(windowBits);
      this.#compressed.set(windowBits, frame);
    }
    return frame;
  }

  #compress(windowBits: number): Buffer {
    const { payload: whole } = this;
    const payload = deflateMessage(whole, windowBits, NO_DICTIONARY);
    if (payload.length >= whole.length) return this.plain;
    const size = frameHeaderSize(payload.length, false);
    const frame = Buffer.allocUnsafe(size + payload.length);
    writeFrameHeader(frame, 0, Opcode.text, RSV1, payload.length, undefined);
    payload.copy(frame, size);
    return frame;
  }
}
