// What a room has handed over to its ledger and not yet had answered, and what of a batch goes to whom.

import type { AttendanceNews } from './attendance.ts';
import type { Entry } from './entry.ts';
import type { Frame } from './line-frames.ts';
import type { Member } from './member.ts';

/** What one turn has to tell, in the order in which it is told. */
export interface Telling {
  /** Until they are told. */
  arrivals: AttendanceNews['arrivals'];
  /** Those that are not answered yet. */
  entries: readonly Entry[];
  readonly departures: AttendanceNews['departures'];
  /** What it takes while it waits, in bytes; 0 until it has to. */
  memory: number;
}

/** A speaker's own lines of one frame of a batch. */
export interface Share {
  readonly speaker: Member;
  readonly lines: string;
  /** Where that frame begins, in bytes from the batch's start. */
  readonly offset: number;
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
