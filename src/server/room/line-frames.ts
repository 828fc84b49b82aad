// Frames of whole lines, at most 64 KiB each: the one place that makes them, whatever they are for. A client ends a
// connection over a frame that is too large, and does not come back.

import { MAX_FRAME_BYTES } from '../../protocol/index.ts';
import { FRAME_HEADROOM, PreparedMessage, type WebSocket } from '../../websocket/index.ts';

export interface Frame {
  readonly message: PreparedMessage;
  /** Where the frame's first line begins, in bytes from the first line of all. */
  readonly offset: number;
}

/** Bytes before the first line of a buffer that is to become frames. */
export const HEADROOM = FRAME_HEADROOM;
const SPACE = ' '.repeat(HEADROOM);
const NEWLINE = 0x0a;
/** A text of so many UTF-16 units fits into a frame, whatever its characters. */
const SURELY_FITS = Math.floor(MAX_FRAME_BYTES / 3);

/** Room for one frame's header, then these whole lines: what framesOf takes. */
export function encodeLines(lines: string): Buffer {
  return Buffer.from(SPACE + lines);
}

/**
 * The frames that carry the lines of a buffer as encodeLines makes it, which is theirs from here on; none for no lines. The
 * first takes its header in place, so that what fits into one frame is never copied.
 */
export function framesOf(buffer: Buffer): Frame[] {
  if (buffer.length === FRAME_HEADROOM) return [];
  if (buffer.length <= FRAME_HEADROOM + MAX_FRAME_BYTES) {
    return [{ message: new PreparedMessage(buffer, FRAME_HEADROOM, buffer.length), offset: 0 }];
  }
  const frames: Frame[] = [];
  for (let start = FRAME_HEADROOM; start < buffer.length; ) {
    const end = endOfFrame(buffer, start);
    const message = start === FRAME_HEADROOM ? new PreparedMessage(buffer, start, end) : copied(buffer, start, end);
    frames.push({ message, offset: start - FRAME_HEADROOM });
    start = end;
  }
  return frames;
}

/** Sends whole lines, in as many frames as they need. */
export function sendLines(socket: Pick<WebSocket, 'send' | 'sendPrepared'>, lines: string): void {
  if (lines.length <= SURELY_FITS) socket.send(lines);
  else for (const { message } of framesOf(encodeLines(lines))) socket.sendPrepared(message);
}

/** After the last line that still fits; a line that is longer than a frame cannot be cut. */
function endOfFrame(buffer: Buffer, start: number): number {
  const most = start + MAX_FRAME_BYTES;
  if (buffer.length <= most) return buffer.length;
  const newline = buffer.lastIndexOf(NEWLINE, most - 1);
  return (newline >= start ? newline : buffer.indexOf(NEWLINE, most)) + 1 || buffer.length;
}

/** A later frame's header would overwrite the end of the frame before it. */
function copied(buffer: Buffer, start: number, end: number): PreparedMessage {
  const copy = Buffer.allocUnsafe(FRAME_HEADROOM + end - start);
  buffer.copy(copy, FRAME_HEADROOM, start, end);
  return new PreparedMessage(copy, FRAME_HEADROOM, copy.length);
}
