// The answer to a GET of a room's log: its bytes as they are, a part of them, or all and what comes, at the pace at which the
// peer takes them. Keeps nothing of them.

import type { IncomingHttpHeaders } from 'node:http';
import type { Cursor, ReadableLog } from '../../log/index.ts';
import type { ServerLine } from '../../protocol/index.ts';
import type { Refusal } from '../../websocket/index.ts';
import type { Guise } from '../session/guise.ts';
import { EVENT_BEAT, eventsOf, forEvents } from './event-stream.ts';
import type { Exchange, Side } from './exchange.ts';
import { isKnown, partOf, tagOf } from './ranges.ts';
import { refusalFor, refusalForClose } from './statuses.ts';

const BEAT = Buffer.from('\n');

export interface ReadingOptions {
  readonly headers: IncomingHttpHeaders;
  /** Only what the answer would begin with. */
  readonly isHead: boolean;
  /** It stays, and is given what comes. */
  readonly follows: boolean;
  /** As server-sent events. */
  readonly asEvents: boolean;
  /** What is asked for begins where it did before: a part of it may be. */
  readonly hasParts: boolean;
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export class Reading implements Side, Guise {
  readonly reads = true;
  /** Set right after it is made. */
  exchange!: Exchange;
  #head: Head | undefined;
  /** Bytes that are still to be left out, and to be sent. */
  #skip = 0;
  #left = Number.POSITIVE_INFINITY;
  #told: Readonly<Record<string, string>> = {};
  #hasBegun = false;
  readonly #options: ReadingOptions;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  clientIn(): undefined {
    return undefined;
  }

  startIn(log: ReadableLog, asked: Cursor): Cursor {
    const { headers, follows, isHead, asEvents, hasParts } = this.#options;
    const common = {
      'Content-Type': asEvents ? 'text/event-stream' : 'application/x-ndjson; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': follows ? 'no-store' : 'private, no-cache',
      Vary: 'Accept',
    };
    const end = log.durableEnd;
    const atEnd = { ...asked, position: end };
    if (follows) {
      this.#head = { status: 200, headers: common };
      if (isHead) this.#left = 0;
      return isHead ? atEnd : asked;
    }
    const length = end - asked.position;
    const tag = tagOf(log, end);
    const tagged = { ...common, ETag: tag, ...(hasParts && { 'Accept-Ranges': 'bytes' }) };
    const part = hasParts ? partOf(log, length, headers) : undefined;
    this.#left = 0;
    if (isKnown(tag, headers['if-none-match'])) {
      this.#head = { status: 304, headers: tagged };
      return atEnd;
    }
    if (part === 'none') {
      this.#head = { status: 416, headers: { ...tagged, 'Content-Range': `bytes */${length}`, 'Content-Length': '0' } };
      return atEnd;
    }
    const { from, to } = part ?? { from: 0, to: length };
    const range = part === undefined ? {} : { 'Content-Range': `bytes ${from}-${to - 1}/${length}` };
    const status = part === undefined ? 200 : 206;
    this.#head = { status, headers: { ...tagged, ...range, 'Content-Length': String(to - from) } };
    if (isHead) return atEnd;
    const start = log.findAt(asked.position + from);
    this.#skip = asked.position + from - start.position;
    this.#left = to - from;
    return start;
  }

  line(line: ServerLine): void {
    if (line.type === 'welcome') this.#begin();
    if (line.type !== 'error' || this.#hasBegun) return;
    // The history that it knew is gone: it is given all that there is, and told.
    if (line.code === 'epoch_changed') this.#told = { 'Roomchat-Error': line.code };
    else this.#refuse(refusalFor(line));
  }

  bytes(lines: Buffer): void {
    if (this.#left === 0) return;
    const bytes = this.#options.asEvents ? eventsOf(lines) : lines.subarray(this.#skip, this.#skip + this.#left);
    this.#skip = 0;
    this.#left -= bytes.length;
    this.exchange.write(bytes);
    if (this.#left === 0) this.exchange.finish();
  }

  ended(code: number): void {
    if (!this.#hasBegun) this.#refuse(refusalForClose(code));
    else if (this.#options.follows) this.exchange.finish();
    else this.exchange.cutOff();
  }

  /** Only where nothing is counted. */
  beat(): void {
    if (this.#hasBegun && this.#options.follows) this.exchange.write(this.#options.asEvents ? EVENT_BEAT : BEAT);
  }

  #begin(): void {
    this.#hasBegun = true;
    if (this.#head !== undefined) this.exchange.begin(this.#head.status, { ...this.#head.headers, ...this.#told });
    if (this.#left === 0) this.exchange.finish();
  }

  #refuse(refusal: Refusal): void {
    this.exchange.refuse(this.#options.asEvents ? forEvents(refusal) : refusal);
  }
}
