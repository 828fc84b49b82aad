// A line that was accepted and is not yet in the log: what it will say, and who waits for it.

import type { NewLine } from '../../log/index.ts';
import { decodeLine, encodeNotified, encodeSaid, linesOf, withNumber } from '../../protocol/index.ts';
import type { ServerEvent } from '../reporting/events.ts';
import type { Member } from './member.ts';

/** Called once the line is durable, with its seq, or with the error that kept it out of the log. */
export type Settle = (outcome: number | Error) => void;

export class Entry implements NewLine {
  /** Undefined for a notice. */
  readonly author: Member | undefined;
  /** When it was said, as its line has it. */
  at: number;
  readonly text: string;
  readonly ref: string | undefined;
  readonly settle: Settle | undefined;
  /** The author's nick at that time. */
  readonly #nick: string;
  /** What its line has behind number and time. */
  readonly rest: string;
  seq = 0;
  /** As it was encoded last, newline included. */
  line = '';

  constructor(
    author: Member | undefined,
    at: number,
    text: string,
    ref: string | undefined,
    settle: Settle | undefined,
  ) {
    this.author = author;
    this.at = at;
    this.text = text;
    this.ref = ref;
    this.settle = settle;
    this.#nick = author?.nick ?? '';
    this.rest = author === undefined ? encodeNotified(text) : encodeSaid(author.author, text, ref);
  }

  get #type(): 'message' | 'notice' {
    return this.author === undefined ? 'notice' : 'message';
  }

  encode(seq: number, notBefore: number): string {
    if (this.at < notBefore) this.at = notBefore;
    this.seq = seq;
    this.line = withNumber(this.#type, seq, this.at, this.rest);
    return this.line;
  }

  /** What a line has before its `rest`, under this seq: bytes. */
  headBytes(seq: number): number {
    return withNumber(this.#type, seq, this.at, '').length;
  }

  /** What the console tells of it. */
  event(room: string): ServerEvent {
    const { at, text, line } = this;
    return this.author === undefined
      ? { event: 'notice', at, room, text, line }
      : { event: 'message', at, room, nick: this.#nick, text, line };
  }
}

/** What the console tells of lines that others have said. */
export function eventsOf(lines: string, room: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  for (const raw of linesOf(lines)) {
    const line = decodeLine(raw);
    const told = { room, line: `${raw}\n`, elsewhere: true };
    if (line?.type === 'message') {
      events.push({ event: 'message', at: line.at, nick: line.nick, text: line.text, ...told });
    } else if (line?.type === 'notice') {
      events.push({ event: 'notice', at: line.at, text: line.text, ...told });
    }
  }
  return events;
}
