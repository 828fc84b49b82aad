// Frames as they go out: a header and a payload, masked where the role asks for it. Never sends fragments.
import { frameHeaderSize, writeFrameHeader } from './frame.ts';
import { applyMask, newMaskingKey } from './mask.ts';

export type Role = 'server' | 'client';

/** Up to here a payload is copied behind its header: one buffer more in a write costs more than the copy. */
const COPY_UP_TO = 4096;

/** Appends a whole frame to `output`. A server's large payload is sent as it is and must not be changed afterwards. */
export function encodeFrame(output: Buffer[], role: Role, opcode: number, rsv: number, payload: Buffer): void {
  // RFC 6455 §5.1: a client masks every frame, a server none.
  const maskingKey = role === 'client' ? newMaskingKey() : undefined;
  const size = frameHeaderSize(payload.length, maskingKey !== undefined);
  const together = maskingKey !== undefined || payload.length <= COPY_UP_TO;
  const frame = Buffer.allocUnsafe(together ? size + payload.length : size);
  writeFrameHeader(frame, 0, opcode, rsv, payload.length, maskingKey);
  output.push(frame);
  if (!together) {
    output.push(payload);
    return;
  }
  payload.copy(frame, size);
  if (maskingKey !== undefined) applyMask(frame.subarray(size), maskingKey, 0);
}
