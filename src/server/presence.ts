// The presence lines of one turn and who gets which: everybody in the room, but nobody the news of its own join, nor of
// what came before it.

import { FRAME_HEADROOM, PreparedMessage } from '../websocket/index.ts';
import type { Member } from './member.ts';

export class Presence {
  private readonly lines: string[] = [];
  /** Members that joined in this turn, with the number of lines that came before and with their join. */
  private readonly newcomers = new Map<Member, number>();

  get isEmpty(): boolean {
    return this.lines.length === 0;
  }

  /** Nothing was told and nobody has joined: it can serve the next turn as well. */
  get isUntouched(): boolean {
    return this.isEmpty && this.newcomers.size === 0;
  }

  add(line: string): void {
    this.lines.push(line);
  }

  /** `line` tells that `member` joined; undefined where that is not announced. */
  addNewcomer(member: Member, line: string | undefined): void {
    if (line !== undefined) this.lines.push(line);
    this.newcomers.set(member, this.lines.length);
  }

  deliver(members: Iterable<Member>): void {
    if (this.isEmpty) return;
    const frame = textFrame(this.lines.join(''));
    for (const member of members) {
      const from = this.newcomers.get(member);
      if (from === undefined) member.tellPrepared(frame);
      else if (from < this.lines.length) member.tell(this.lines.slice(from).join(''));
    }
  }
}

function textFrame(text: string): PreparedMessage {
  const bytes = Buffer.byteLength(text);
  const buffer = Buffer.allocUnsafe(FRAME_HEADROOM + bytes);
  buffer.write(text, FRAME_HEADROOM);
  return new PreparedMessage(buffer, FRAME_HEADROOM, buffer.length);
}
