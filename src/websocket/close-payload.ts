// The body of a Close frame (RFC 6455 §5.5.1): a code of two bytes and a reason in UTF-8, or nothing at all.
import { isUtf8 } from 'node:buffer';
import { CloseCode, mayBeSent } from './close-codes.ts';
import { WebSocketError } from './error.ts';
import { MAX_CONTROL_PAYLOAD } from './frame.ts';

export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

/** Reads the body of a Close frame; 1005 stands for none. */
export function readClosePayload(payload: Buffer): CloseStatus {
  if (payload.length === 0) return { code: CloseCode.noCode, reason: '' };
  // RFC 6455 §5.5.1: if there is a body, its first two bytes must be a code.
  if (payload.length === 1) throw new WebSocketError(CloseCode.protocolError, 'close frame with one byte');
  const code = payload.readUInt16BE(0);
  if (!mayBeSent(code)) throw new WebSocketError(CloseCode.protocolError, 'close code that must not be sent');
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new WebSocketError(CloseCode.invalidData, 'close reason is not valid UTF-8');
  return { code, reason: reason.toString('utf8') };
}

/** Writes the body of a Close frame; a reason that does not fit is cut at the end of a character. */
export function writeClosePayload(code: number, reason: string): Buffer {
  if (code === CloseCode.noCode) return Buffer.alloc(0);
  if (!mayBeSent(code)) throw new RangeError(`close code ${code} must not be sent`);
  const payload = Buffer.allocUnsafe(MAX_CONTROL_PAYLOAD);
  payload.writeUInt16BE(code, 0);
  // Buffer.write stops before a character that does not fit whole.
  return payload.subarray(0, 2 + payload.write(reason, 2));
}
