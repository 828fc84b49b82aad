// The presence lines that go out together and who gets which: everybody in the room, but nobody the news of its own join, nor of
// what came before it. A member that renames itself again and again is told of once, under the nick that it ends with.

import { encodeLine, type RenamedLine } from '../../protocol/index.ts';
import { encodeLines, type Frame, framesOf } from './line-frames.ts';
import type { Member } from './member.ts';

/** A member has another nick: until the turn ends it may get yet another, or the old one back. */
interface Renaming {
  readonly line: RenamedLine;
  readonly index: number;
}

export class Presence {
  /** Those withdrawn are empty. */
  readonly #lines: string[] = [];
  #withdrawn = 0;
  readonly #renamings = new Map<Member, Renaming>();
  /** Members that joined in this turn, with the number of lines that came before and with their join. */
  readonly #newcomers = new Map<Member, number>();

  get isEmpty(): boolean {
    return this.#lines.length === this.#withdrawn;
  }

  /** Whether any of so many members is told something: nobody is who has come last. */
  isHeard(present: number): boolean {
    const [first = 0] = this.#newcomers.values();
    return present > this.#newcomers.size || this.#lines.length > first;
  }

  /** Nothing was told and nobody has joined: it can serve the next turn as well. */
  get isUntouched(): boolean {
    return this.#lines.length === 0 && this.#newcomers.size === 0;
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  /** `line` tells that `member` joined; undefined where that is not announced. */
  addNewcomer(member: Member, line: string | undefined): void {
    if (line !== undefined) this.#lines.push(line);
    this.#newcomers.set(member, this.#lines.length);
  }

  /**
   * A member has a new nick. The line that tells of it is its answer, too; one that is not told to the others any more
   * goes to the member alone, so that each of its commands is answered.
   */
  addRenaming(member: Member, line: RenamedLine): void {
    const earlier = this.#renamings.get(member);
    if (earlier === undefined) {
      this.#renamings.set(member, { line, index: this.#lines.push(encodeLine(line)) - 1 });
      return;
    }
    member.answer(encodeLine(earlier.line));
    this.#lines[earlier.index] = '';
    this.#withdrawn++;
    this.#renamings.delete(member);
    const { was } = earlier.line;
    // Back to the nick by which the others know it.
    if (line.nick === was) member.answer(encodeLine(line));
    else this.addRenaming(member, { ...line, was });
  }

  deliver(members: Iterable<Member>): void {
    if (this.isEmpty) return;
    /** By the number of lines that are left out at the front. */
    const frames = new Map<number, readonly Frame[]>();
    for (const member of members) {
      const from = this.#newcomers.get(member) ?? 0;
      let its = frames.get(from);
      if (its === undefined) {
        its = framesOf(encodeLines(this.#lines.slice(from).join('')));
        frames.set(from, its);
      }
      for (const { message } of its) member.tellPrepared(message);
    }
  }
}
