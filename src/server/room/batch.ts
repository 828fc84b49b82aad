// What a room accepted in one turn. Encodes it once: the same bytes are appended to the log and sent to everyone.

import { ProtocolError } from '../../protocol/index.ts';
import type { ServerEvent } from '../reporting/events.ts';
import type { Metrics } from '../reporting/metrics.ts';
import type { AttendanceNews } from './attendance.ts';
import { encodeLines, type Frame } from './line-frames.ts';
import type { Member } from './member.ts';

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

/** A speaker's own lines of one frame of a batch. */
export interface Share {
  readonly speaker: Member;
  readonly lines: string;
  /** Where that frame begins, in bytes from the batch's start. */
  readonly offset: number;
}

/** Room for one frame's header, then the lines of all entries: the buffer of framesOf. */
export function encodeEntries(entries: readonly Entry[]): Buffer {
  let lines = '';
  for (const { line } of entries) lines += line;
  return encodeLines(lines);
}

/** What the speakers are told of a batch that went out in `frames`: frame by frame, so that no share is longer than one. */
export function sharesOf(entries: readonly Entry[], frames: readonly Frame[]): Share[] {
  const shares: Share[] = [];
  let index = 0;
  let position = 0;
  for (const [i, { offset }] of frames.entries()) {
    const end = frames[i + 1]?.offset;
    const own = new Map<Member, string>();
    for (let entry = entries[index]; entry !== undefined && position !== end; entry = entries[++index]) {
      const { author, line } = entry;
      if (author?.speaker) own.set(author, (own.get(author) ?? '') + line);
      if (end !== undefined) position += Buffer.byteLength(line);
    }
    for (const [speaker, lines] of own) shares.push({ speaker, lines, offset });
  }
  return shares;
}

/** Tells the authors of a batch, and whoever waits for it, why nothing of it was saved. */
export function refuseEntries(entries: readonly Entry[], message: string, metrics: Metrics): void {
  for (const { author, ref, settle } of entries) {
    metrics.refused('not_saved');
    author?.refuse('not_saved', message, ref);
    settle?.(new ProtocolError('not_saved', message));
  }
}

/** Nothing of a batch was saved, for a reason that passes: its authors are sent away, to come back with what they said. */
export function postponeEntries(entries: readonly Entry[], message: string): void {
  const overloaded = new ProtocolError('overloaded', message);
  for (const { author, settle } of entries) {
    author?.output.fail(overloaded);
    settle?.(overloaded);
  }
}
