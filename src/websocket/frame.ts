// A frame's header as a plain value, and the two pure functions that read and write it (RFC 6455 §5.2).
// Never looks at payload, and never decides what a header means for the connection it came on.
import { CloseCode } from './close-codes.ts';
import { WebSocketError } from './error.ts';

export const Opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameHeader {
  readonly fin: boolean;
  /** The three reserved bits as they stand in the first octet: RSV1 is 0x40. */
  readonly rsv: number;
  readonly opcode: number;
  /** The masking key as a signed 32-bit number, first octet highest. */
  readonly maskingKey: number | undefined;
  /** Bytes of payload. Above 2^53 it is only near the truth, and beyond every limit. */
  readonly length: number;
  /** Bytes of the header itself. */
  readonly size: number;
}

export const RSV1 = 0x40;
export const MAX_HEADER_SIZE = 14;
export const MAX_CONTROL_PAYLOAD = 125;

export function isControl(opcode: number): boolean {
  return opcode >= 0x8;
}

/** Reads the header at `offset`; `undefined` when it has not all come. Throws as soon as an octet makes it invalid. */
export function readFrameHeader(bytes: Buffer, offset: number, end: number): FrameHeader | undefined {
  const first = bytes[offset];
  if (offset >= end || first === undefined) return undefined;
  const fin = (first & 0x80) !== 0;
  const opcode = first & 0x0f;
  // RFC 6455 §5.2: an unknown opcode fails the connection.
  if (opcode > 0xa || (opcode > 0x2 && opcode < 0x8)) {
    throw new WebSocketError(CloseCode.protocolError, 'reserved opcode');
  }
  // RFC 6455 §5.5: control frames must not be fragmented.
  if (isControl(opcode) && !fin) throw new WebSocketError(CloseCode.protocolError, 'fragmented control frame');

  const second = bytes[offset + 1];
  if (offset + 1 >= end || second === undefined) return undefined;
  const short = second & 0x7f;
  // RFC 6455 §5.5: control frames carry at most 125 bytes.
  if (isControl(opcode) && short > MAX_CONTROL_PAYLOAD) {
    throw new WebSocketError(CloseCode.protocolError, 'control frame is too long');
  }
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  const masked = (second & 0x80) !== 0;
  const available = end - offset;
  if (available < 2 + lengthSize) return undefined;
  const length = lengthSize === 0 ? short : readLength(bytes, offset + 2, lengthSize);
  const size = 2 + lengthSize + (masked ? 4 : 0);
  if (available < size) return undefined;
  const maskingKey = masked ? bytes.readInt32BE(offset + size - 4) : undefined;
  return { fin, rsv: first & 0x70, opcode, maskingKey, length, size };
}

function readLength(bytes: Buffer, at: number, lengthSize: 2 | 8): number {
  if (lengthSize === 2) {
    const length = bytes.readUInt16BE(at);
    // RFC 6455 §5.2: the minimal number of bytes must be used to encode the length.
    if (length < 126) throw new WebSocketError(CloseCode.protocolError, 'length is not minimally encoded');
    return length;
  }
  const high = bytes.readUInt32BE(at);
  // RFC 6455 §5.2: the most significant bit must be 0.
  if (high >= 0x8000_0000) throw new WebSocketError(CloseCode.protocolError, 'length is out of range');
  const length = high * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
  if (length < 0x1_0000) throw new WebSocketError(CloseCode.protocolError, 'length is not minimally encoded');
  return length;
}

/** Bytes that the header of such a frame takes. */
export function frameHeaderSize(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10) + (masked ? 4 : 0);
}

/** Writes a whole frame's header (FIN set: nothing here sends fragments) at `offset`; `rsv` is 0 or RSV1. */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  opcode: number,
  rsv: number,
  length: number,
  maskingKey: number | undefined,
): void {
  const maskBit = maskingKey === undefined ? 0 : 0x80;
  let at = offset;
  target[at++] = 0x80 | rsv | opcode;
  if (length < 126) {
    target[at++] = maskBit | length;
  } else if (length < 0x1_0000) {
    target[at++] = maskBit | 126;
    at = target.writeUInt16BE(length, at);
  } else {
    target[at++] = maskBit | 127;
    at = target.writeUInt32BE(Math.floor(length / 0x1_0000_0000), at);
    at = target.writeUInt32BE(length % 0x1_0000_0000, at);
  }
  if (maskingKey !== undefined) target.writeInt32BE(maskingKey, at);
}
