// The presence lines of one turn and who gets which: everybody in the room, but nobody the news of its own join, nor of
// what came before it. A member that renames itself again and again is told of once, under the nick that it ends with.

import { encodeLine, MAX_FRAME_BYTES, type RenamedLine } from '../protocol/index.ts';
import { FRAME_HEADROOM, PreparedMessage } from '../websocket/index.ts';
import type { Member } from './member.ts';

/** A member has another nick: until the turn ends it may get yet another, or the old one back. */
interface Renaming {
  readonly line: RenamedLine;
  readonly index: number;
}

export class Presence {
  /** Those withdrawn are empty. */
  private readonly lines: string[] = [];
  private withdrawn = 0;
  private readonly renamings = new Map<Member, Renaming>();
  /** Members that joined in this turn, with the number of lines that came before and with their join. */
  private readonly newcomers = new Map<Member, number>();

  get isEmpty(): boolean {
    return this.lines.length === this.withdrawn;
  }

  /** Nothing was told and nobody has joined: it can serve the next turn as well. */
  get isUntouched(): boolean {
    return this.lines.length === 0 && this.newcomers.size === 0;
  }

  add(line: string): void {
    this.lines.push(line);
  }

  /** `line` tells that `member` joined; undefined where that is not announced. */
  addNewcomer(member: Member, line: string | undefined): void {
    if (line !== undefined) this.lines.push(line);
    this.newcomers.set(member, this.lines.length);
  }

  /**
   * A member has a new nick. The line that tells of it is its answer, too; one that is not told to the others any more
   * goes to the member alone, so that each of its commands is answered.
   */
  addRenaming(member: Member, line: RenamedLine): void {
    const earlier = this.renamings.get(member);
    if (earlier === undefined) {
      this.renamings.set(member, { line, index: this.lines.push(encodeLine(line)) - 1 });
      return;
    }
    member.answer(encodeLine(earlier.line));
    this.lines[earlier.index] = '';
    this.withdrawn++;
    this.renamings.delete(member);
    const { was } = earlier.line;
    // Back to the nick by which the others know it.
    if (line.nick === was) member.answer(encodeLine(line));
    else this.addRenaming(member, { ...line, was });
  }

  deliver(members: Iterable<Member>): void {
    if (this.isEmpty) return;
    /** By the number of lines that are left out at the front. */
    const frames = new Map<number, PreparedMessage[]>();
    for (const member of members) {
      const from = this.newcomers.get(member) ?? 0;
      let its = frames.get(from);
      if (its === undefined) {
        its = framesOfLines(this.lines, from);
        frames.set(from, its);
      }
      for (const frame of its) member.tellPrepared(frame);
    }
  }
}

/** The frames that carry these lines, from one of them on: at most 64 KiB each, cut at the ends of lines. */
function framesOfLines(lines: readonly string[], from: number): PreparedMessage[] {
  const frames: PreparedMessage[] = [];
  let text = '';
  let bytes = 0;
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const lineBytes = Buffer.byteLength(line);
    if (bytes + lineBytes > MAX_FRAME_BYTES) {
      frames.push(textFrame(text, bytes));
      text = '';
      bytes = 0;
    }
    text += line;
    bytes += lineBytes;
  }
  if (bytes > 0) frames.push(textFrame(text, bytes));
  return frames;
}

function textFrame(text: string, bytes: number): PreparedMessage {
  const buffer = Buffer.allocUnsafe(FRAME_HEADROOM + bytes);
  buffer.write(text, FRAME_HEADROOM);
  return new PreparedMessage(buffer, FRAME_HEADROOM, buffer.length);
}
