// What a room accepted in one turn. Encodes it once: the same bytes are appended to the log and sent to everyone.

import { MAX_FRAME_BYTES, ProtocolError } from '../protocol/index.ts';
import { FRAME_HEADROOM, PreparedMessage } from '../websocket/index.ts';
import type { AttendanceNews } from './attendance.ts';
import type { ServerEvent } from './events.ts';
import type { Member } from './member.ts';
import type { Metrics } from './metrics.ts';

/** A line that was accepted and is not yet in the log. */
export interface Entry {
  /** As it will stand in the log, newline included. */
  readonly line: string;
  /** What the console tells of it. */
  readonly event: ServerEvent;
  /** Undefined for a notice. */
  readonly author: Member | undefined;
  readonly ref: string | undefined;
  /** Called once the line is durable, or with the error that kept it out of the log. */
  readonly settle: ((error: Error | undefined) => void) | undefined;
}

/** What one turn has to tell, in the order in which it is told. */
export interface Telling {
  readonly news: AttendanceNews | undefined;
  readonly entries: readonly Entry[];
  readonly buffer: Buffer | undefined;
  /** Where the batch lies in the log: bytes. */
  readonly start: number;
  readonly end: number;
  readonly lastSeq: number;
  /** What it takes while it waits, in bytes. */
  readonly memory: number;
}

export interface Frame {
  readonly message: PreparedMessage;
  /** Where the frame's first line begins, in bytes from the batch's start. */
  readonly offset: number;
}

const HEADROOM = ' '.repeat(FRAME_HEADROOM);

/** Room for one frame's header, then the lines of all entries. */
export function encodeEntries(entries: readonly Entry[]): Buffer {
  let text = HEADROOM;
  for (const entry of entries) text += entry.line;
  return Buffer.from(text);
}

/**
 * The frames that carry a batch which encodeEntries made, at most 64 KiB each. The first takes its header in place, so
 * that the common batch is never copied.
 */
export function framesOf(entries: readonly Entry[], buffer: Buffer): Frame[] {
  if (buffer.length <= FRAME_HEADROOM + MAX_FRAME_BYTES) {
    return [{ message: new PreparedMessage(buffer, FRAME_HEADROOM, buffer.length), offset: 0 }];
  }
  const cuts = cutsOf(entries);
  return cuts.map((offset, i) => {
    const start = FRAME_HEADROOM + offset;
    const next = cuts[i + 1];
    const end = next === undefined ? buffer.length : FRAME_HEADROOM + next;
    return { message: i === 0 ? new PreparedMessage(buffer, start, end) : copied(buffer, start, end), offset };
  });
}

/** Tells the authors of a batch, and whoever waits for it, why nothing of it was saved. */
export function refuseEntries(entries: readonly Entry[], message: string, metrics: Metrics): void {
  for (const { author, ref, settle } of entries) {
    metrics.refused('not_saved');
    author?.refuse('not_saved', message, ref);
    settle?.(new ProtocolError('not_saved', message));
  }
}

/** A later frame's header would overwrite the end of the frame before it. */
function copied(buffer: Buffer, start: number, end: number): PreparedMessage {
  const copy = Buffer.allocUnsafe(FRAME_HEADROOM + end - start);
  buffer.copy(copy, FRAME_HEADROOM, start, end);
  return new PreparedMessage(copy, FRAME_HEADROOM, copy.length);
}

/** The offsets at which frames begin: at the beginnings of lines, with at most 64 KiB in between. */
function cutsOf(entries: readonly Entry[]): number[] {
  const cuts = [0];
  let offset = 0;
  let frameStart = 0;
  for (const { line } of entries) {
    const bytes = Buffer.byteLength(line);
    if (offset + bytes - frameStart > MAX_FRAME_BYTES) {
      cuts.push(offset);
      frameStart = offset;
    }
    offset += bytes;
  }
  return cuts;
}
