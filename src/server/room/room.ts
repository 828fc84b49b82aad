// A room: its log, its members, and the batch of this turn. Save, then tell: nobody sees a line that is not in the log.
// Knows members, never the connections behind them.

import type { RoomLog } from '../../log/index.ts';
import { encodeMessage, encodeNotice, exceedsBytes, MAX_LOG_LINE_BYTES, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { Turn } from '../common/turn.ts';
import type { EventSink, ServerEvent } from '../reporting/events.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { type AppendOptions, appendBatch } from './append.ts';
import { tellDepartures } from './attendance.ts';
import { type Backlog, memoryOf, RoomBacklog } from './backlog.ts';
import { type Entry, encodeEntries, sharesOf, type Telling } from './batch.ts';
import { framesOf } from './line-frames.ts';
import type { Member, MemberSource } from './member.ts';
import { RoomMissing } from './room-missing.ts';
import { Roster } from './roster.ts';
import type { Storage } from './storage.ts';

/** A batch is flushed before the end of its turn when it grows beyond this, so that no turn takes memory without bound. */
const BATCH_CHARACTERS = 1024 * 1024;

export interface RoomOptions {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly metrics: Metrics;
  readonly storage: Pick<Storage, 'refuses' | 'appended'>;
  /** Milliseconds for which a dropped member is awaited. */
  readonly absence: number;
  readonly backlog: Backlog;
}

export class Room implements MemberSource {
  readonly roster: Roster;
  #entries: Entry[] = [];
  #entryCharacters = 0;
  /** The last seq that was given to an accepted line. */
  acceptedSeq: number;
  durableSeq: number;
  /** Batches that are appended and wait for their sync, oldest first. */
  readonly #syncing: Telling[] = [];
  readonly #backlog: RoomBacklog;
  /** Members at the durable end that wait for what was accepted before they joined. */
  readonly #awaitingLive = new Set<Member>();
  /** Joins under way that count on this room staying open. */
  holds = 0;
  /** Its log takes nothing any more: it was deleted under those who hold it. */
  isClosed = false;
  /** Monotonic time since which nobody is here. */
  idleSince: number;
  readonly log: RoomLog;
  readonly #options: RoomOptions;
  readonly #appending: AppendOptions;

  constructor(log: RoomLog, options: RoomOptions) {
    this.log = log;
    this.#options = options;
    this.acceptedSeq = log.lastSeq;
    this.durableSeq = log.lastSeq;
    this.roster = new Roster({
      room: this.name,
      clock: options.clock,
      events: options.events,
      absence: options.absence,
      onNews: () => options.turn.mark(this),
    });
    this.#appending = {
      log,
      metrics: options.metrics,
      storage: options.storage,
      onLost: (entries) => this.#forget(entries),
      warn: (message) => options.events({ event: 'warning', at: options.clock.now(), room: this.name, message }),
    };
    this.#backlog = new RoomBacklog(options.backlog, () => this.#proceed());
    this.idleSince = options.clock.monotonic();
  }

  get name(): string {
    return this.log.meta.name;
  }

  /** Members that are connected; speakers are not in the room. */
  get present(): number {
    return this.roster.members.size;
  }

  /** Nothing holds it open. */
  get isIdle(): boolean {
    return this.holds === 0 && this.roster.isEmpty && this.#entries.length === 0 && this.#syncing.length === 0;
  }

  /** The disk does not keep up: whoever speaks here has to wait, until `proceed` of its output. */
  holdsBack(): boolean {
    return this.#backlog.holdsBack();
  }

  /** A member that joins; `announce` is false for one that resumes soon enough. Its reading starts by member.read(). */
  enter(member: Member, announce: boolean): void {
    this.roster.enter(member, announce);
    if (this.durableSeq < this.acceptedSeq) this.#awaitingLive.add(member);
  }

  /**
   * A member's connection is gone. `await`: it was dropped, and may resume; `silently`: it has resumed already.
   * Whatever it sent that is not yet accepted never will be.
   */
  leave(member: Member, how: 'announce' | 'await' | 'silently'): void {
    member.end();
    this.#awaitingLive.delete(member);
    this.roster.leave(member, how);
    this.idleSince = this.#options.clock.monotonic();
  }

  /** Accepts a message, and answers its line. Throws ProtocolError `too_long`. */
  say(author: Member, text: string, ref: string | undefined): string {
    const seq = this.acceptedSeq + 1;
    const at = this.#options.clock.now();
    const line = encodeMessage(seq, at, author.author, text, ref);
    this.#accept(
      line,
      { event: 'message', at, room: this.name, nick: author.nick, text, line },
      author,
      ref,
      undefined,
    );
    return line;
  }

  /** The server's own word to the room. Settles with its seq once it is durable; rejects with ProtocolError, RoomMissing. */
  notice(text: string): Promise<number> {
    if (this.isClosed) return Promise.reject(new RoomMissing(this.name));
    return new Promise((resolve, reject) => {
      const seq = this.acceptedSeq + 1;
      const at = this.#options.clock.now();
      const line = encodeNotice(seq, at, text);
      const settle: Entry['settle'] = (error) => (error === undefined ? resolve(seq) : reject(error));
      this.#accept(line, { event: 'notice', at, room: this.name, text, line }, undefined, undefined, settle);
    });
  }

  #accept(
    line: string,
    event: ServerEvent,
    author: Member | undefined,
    ref: string | undefined,
    settle: Entry['settle'],
  ): void {
    if (exceedsBytes(line, MAX_LOG_LINE_BYTES)) {
      throw new ProtocolError(
        'too_long',
        `A message has at most ${MAX_LOG_LINE_BYTES} bytes as a line of the log.`,
        ref,
      );
    }
    this.acceptedSeq++;
    this.#entries.push({ line, event, author, ref, settle });
    this.#entryCharacters += line.length;
    if (this.#entryCharacters >= BATCH_CHARACTERS) this.flush();
    else if (this.#entries.length === 1) this.#options.turn.mark(this);
  }

  /** The end of a turn: the batch is appended with one write, then told. Never throws. */
  flush(): void {
    const entries = this.#entries;
    const news = this.roster.attendance.take(entries.length > 0);
    if (entries.length === 0 && news === undefined) return;
    this.#entries = [];
    this.#entryCharacters = 0;
    const start = this.log.appendedEnd;
    let kept = entries;
    let buffer: Buffer | undefined;
    if (entries.length > 0) {
      buffer = encodeEntries(entries);
      if (!appendBatch(this.#appending, entries, buffer, this.acceptedSeq)) {
        kept = [];
        buffer = undefined;
      }
    }
    const end = this.log.appendedEnd;
    const memory = memoryOf(kept.length, end - start);
    const telling: Telling = { news, entries: kept, buffer, start, end, lastSeq: this.acceptedSeq, memory };
    if (this.#syncing.length === 0 && this.log.durableEnd >= end) {
      this.#tell(telling);
      this.#readOn();
    } else {
      this.#syncing.push(telling);
      this.#backlog.add(telling.memory);
    }
  }

  /** The durable end has moved, some time after the append. */
  durable(): void {
    let told = 0;
    for (let next = this.#syncing[0]; next !== undefined && next.end <= this.log.durableEnd; next = this.#syncing[0]) {
      this.#syncing.shift();
      this.#tell(next);
      told += next.memory;
    }
    // Not between two batches: the log can be read to the last of them already, which would then be told once more.
    this.#readOn();
    this.#backlog.remove(told);
  }

  /** Whether the log has lines that should have been synced by now. */
  late(isLate: boolean): void {
    this.#backlog.late(isLate);
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.roster.attendance.stop();
    return this.log.close();
  }

  #proceed(): void {
    const { members, speakers } = this.roster;
    for (const member of members.values()) member.output.proceed();
    for (const speaker of speakers.values()) speaker.output.proceed();
  }

  #forget(entries: readonly Entry[]): void {
    this.acceptedSeq -= entries.length;
    for (const member of this.#awaitingLive) member.awaitNothingBeyond(this.acceptedSeq);
  }

  /** Hands a batch that is in the log to the live members. What others learn of departures comes after it. */
  #tell(telling: Telling): void {
    const { news, entries, buffer, start, lastSeq } = telling;
    const { members, speakers } = this.roster;
    news?.arrivals?.deliver(members.values());
    if (entries.length > 0 && buffer !== undefined) {
      const began = performance.now();
      this.durableSeq = lastSeq;
      const frames = framesOf(buffer);
      for (const { message, offset } of frames) {
        for (const member of members.values()) member.push(message, start + offset);
      }
      if (speakers.size > 0) {
        for (const { speaker, lines, offset } of sharesOf(entries, frames)) speaker.pushOwn(lines, start + offset);
      }
      this.#options.metrics.fanOutSeconds.observe((performance.now() - began) / 1000);
      for (const { event, settle } of entries) {
        this.#options.events(event);
        settle?.(undefined);
      }
    }
    if (news !== undefined) tellDepartures(news.departures, members.values());
  }

  /** Who waited at the durable end for what was accepted before it joined. */
  #readOn(): void {
    for (const member of this.#awaitingLive) {
      member.read();
      if (member.state !== 'reading') this.#awaitingLive.delete(member);
    }
  }
}
