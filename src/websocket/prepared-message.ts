// A text message that is encoded once for many receivers: header and payload in one buffer, sent with one write each.
// For servers only: a client's frames are masked, each with its own key.
import { frameHeaderSize, Opcode, writeFrameHeader } from './frame.ts';

/** Free bytes that a PreparedMessage needs before its payload: the longest header of an unmasked frame. */
export const FRAME_HEADROOM = 10;

export class PreparedMessage {
  /** The whole frame, uncompressed. */
  readonly plain: Buffer;
  readonly payload: Buffer;

  /** The payload is UTF-8 at `start` to `end` of `buffer`, which is the message's from here on. */
  constructor(buffer: Buffer, start: number, end: number) {
    const length = end - start;
    const size = frameHeaderSize(length, false);
    if (start < size) throw new RangeError('no room for the frame header before the payload');
    writeFrameHeader(buffer, start - size, Opcode.text, 0, length, undefined);
    this.plain = buffer.subarray(start - size, end);
    this.payload = buffer.subarray(start, end);
  }
}
