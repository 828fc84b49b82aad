// A room: its log, its members, and the batch of this turn. Save, then tell: nobody sees a line that is not in the log.
// Knows members, never the connections behind them.

import { AppendError, DamagedError, lacksDescriptor, type RoomLog, UncertainAppendError } from '../../log/index.ts';
import {
  encodeLine,
  encodeMessage,
  encodeNotice,
  exceedsBytes,
  MAX_LOG_LINE_BYTES,
  ProtocolError,
} from '../../protocol/index.ts';
import { FRAME_HEADROOM } from '../../websocket/index.ts';
import type { Clock } from '../common/clock.ts';
import type { Turn } from '../common/turn.ts';
import type { EventSink, ServerEvent } from '../reporting/events.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { Attendance, tellDepartures } from './attendance.ts';
import { type Backlog, memoryOf, RoomBacklog } from './backlog.ts';
import { type Entry, encodeEntries, postponeEntries, refuseEntries, sharesOf, type Telling } from './batch.ts';
import { Claims } from './claims.ts';
import { framesOf } from './line-frames.ts';
import type { Member, MemberSource } from './member.ts';
import { RoomMissing } from './room-missing.ts';
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
  readonly members = new Map<string, Member>();
  readonly speakers = new Map<string, Member>();
  /** Nicks of connected members in their folded form. */
  readonly #nicks = new Map<string, Member>();
  readonly #attendance: Attendance;
  readonly claims = new Claims();

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

  constructor(log: RoomLog, options: RoomOptions) {
    this.log = log;
    this.#options = options;
    this.acceptedSeq = log.lastSeq;
    this.durableSeq = log.lastSeq;
    this.#attendance = new Attendance({
      clock: options.clock,
      absence: options.absence,
      present: () => this.members.size,
      onGone: (id) => this.claims.forget(id),
      onNews: () => options.turn.mark(this),
    });
    this.#backlog = new RoomBacklog(options.backlog, () => this.#proceed());
    this.idleSince = options.clock.monotonic();
  }

  get name(): string {
    return this.log.meta.name;
  }

  /** Members that are connected; speakers are not in the room. */
  get present(): number {
    return this.members.size;
  }

  /** Nothing holds it open. */
  get isIdle(): boolean {
    return (
      this.holds === 0 &&
      this.members.size === 0 &&
      this.speakers.size === 0 &&
      this.#attendance.awaited === 0 &&
      this.#entries.length === 0 &&
      this.#syncing.length === 0
    );
  }

  /** The disk does not keep up: whoever speaks here has to wait, until `proceed` of its output. */
  holdsBack(): boolean {
    return this.#backlog.holdsBack();
  }

  isNickTaken(foldedNick: string, but?: Member): boolean {
    const holder = this.#nicks.get(foldedNick);
    return holder !== undefined && holder !== but;
  }

  /** A member that joins; `announce` is false for one that resumes soon enough. Its reading starts by member.read(). */
  enter(member: Member, announce: boolean): void {
    if (member.speaker) {
      this.speakers.set(member.id, member);
    } else {
      this.claims.forget(member.id);
      this.members.set(member.id, member);
      this.#nicks.set(member.foldedNick, member);
      this.#attendance.joined(member, announce);
    }
    if (this.durableSeq < this.acceptedSeq) this.#awaitingLive.add(member);
  }

  /**
   * A member's connection is gone. `await`: it was dropped, and may resume; `silently`: it has resumed already.
   * Whatever it sent that is not yet accepted never will be.
   */
  leave(member: Member, how: 'announce' | 'await' | 'silently'): void {
    member.end();
    this.#awaitingLive.delete(member);
    if (member.speaker) {
      if (this.speakers.get(member.id) === member) this.speakers.delete(member.id);
    } else {
      this.members.delete(member.id);
      if (this.#nicks.get(member.foldedNick) === member) this.#nicks.delete(member.foldedNick);
      if (how !== 'await') this.claims.forget(member.id);
      if (how === 'await') this.#attendance.dropped(member);
      else if (how === 'announce') this.#attendance.left(member.id, member.nick);
    }
    this.idleSince = this.#options.clock.monotonic();
  }

  /** Every renaming is answered by a `renamed` line. Throws ProtocolError `nick_taken`. */
  rename(member: Member, nick: string, foldedNick: string): void {
    if (this.isNickTaken(foldedNick, member)) throw nickTaken(nick);
    const { id, nick: was, speaker } = member;
    const line = { type: 'renamed', at: this.#options.clock.now(), id, nick, was } as const;
    if (was === nick) {
      member.answer(encodeLine(line));
      return;
    }
    if (!speaker) this.#nicks.delete(member.foldedNick);
    member.nick = nick;
    if (speaker) {
      member.answer(encodeLine(line));
    } else {
      this.#nicks.set(foldedNick, member);
      this.#attendance.renamed(member, line);
    }
    this.#options.events({ event: 'renamed', at: line.at, room: this.name, id, nick, was });
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
    const news = this.#attendance.take();
    if (entries.length === 0 && news === undefined) return;
    this.#entries = [];
    this.#entryCharacters = 0;
    const start = this.log.appendedEnd;
    let kept = entries;
    let buffer: Buffer | undefined;
    if (entries.length > 0) {
      buffer = encodeEntries(entries);
      if (!this.#append(buffer, entries)) {
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

  /** A member that was dropped is not awaited any more: it has left. */
  giveUp(id: string): void {
    this.#attendance.giveUp(id);
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#attendance.stop();
    return this.log.close();
  }

  #proceed(): void {
    for (const member of this.members.values()) member.output.proceed();
    for (const speaker of this.speakers.values()) speaker.output.proceed();
  }

  #append(buffer: Buffer, entries: readonly Entry[]): boolean {
    const { metrics, storage } = this.#options;
    const bytes = buffer.length - FRAME_HEADROOM;
    const refusal = storage.refuses(this.log, bytes);
    if (refusal !== undefined) {
      this.#refuse(entries, refusal.reason, refusal.message);
      return false;
    }
    try {
      const began = performance.now();
      this.log.append(buffer.subarray(FRAME_HEADROOM), this.acceptedSeq);
      metrics.appendSeconds.observe((performance.now() - began) / 1000);
      metrics.messages += entries.length;
      metrics.appendedBytes += bytes;
      storage.appended(this.log, bytes);
      return true;
    } catch (error) {
      if (!(error instanceof AppendError || error instanceof DamagedError)) throw error;
      const count = entries.length;
      if (error instanceof UncertainAppendError) {
        this.#warn(`what became of ${count} messages is not known, their authors have to come back: ${error.message}`);
        this.#forget(entries);
        for (const { author, settle } of entries) {
          author?.fail(error);
          settle?.(error);
        }
        return false;
      }
      const message =
        error instanceof DamagedError
          ? 'The room is damaged: your message was not saved.'
          : 'The server could not save your message. Try again later.';
      if (error instanceof AppendError && lacksDescriptor(error)) this.#postpone(entries);
      else this.#refuse(entries, 'failed', message);
      this.#warn(`${count} messages were not saved: ${error.message}`);
      return false;
    }
  }

  /** Nothing of a batch was saved. */
  #refuse(entries: readonly Entry[], reason: string, message: string): void {
    this.#forget(entries);
    this.#options.metrics.countNotSaved(entries.length, reason);
    refuseEntries(entries, message, this.#options.metrics);
  }

  /** The same, for a reason that passes. */
  #postpone(entries: readonly Entry[]): void {
    this.#forget(entries);
    this.#options.metrics.countNotSaved(entries.length, 'no_descriptor');
    postponeEntries(entries, 'The server has too many files open right now. Try again later.');
  }

  /** Nobody has seen the numbers of a batch. */
  #forget(entries: readonly Entry[]): void {
    this.acceptedSeq -= entries.length;
    for (const member of this.#awaitingLive) member.awaitNothingBeyond(this.acceptedSeq);
  }

  #warn(message: string): void {
    this.#options.events({ event: 'warning', at: this.#options.clock.now(), room: this.name, message });
  }

  /** Hands a batch that is in the log to the live members. What others learn of departures comes after it. */
  #tell(telling: Telling): void {
    const { news, entries, buffer, start, lastSeq } = telling;
    news?.arrivals?.deliver(this.members.values());
    if (entries.length > 0 && buffer !== undefined) {
      const began = performance.now();
      this.durableSeq = lastSeq;
      const frames = framesOf(buffer);
      for (const { message, offset } of frames) {
        for (const member of this.members.values()) member.push(message, start + offset);
      }
      if (this.speakers.size > 0) {
        for (const { speaker, lines, offset } of sharesOf(entries, frames)) speaker.pushOwn(lines, start + offset);
      }
      this.#options.metrics.fanOutSeconds.observe((performance.now() - began) / 1000);
      for (const { event, settle } of entries) {
        this.#options.events(event);
        settle?.(undefined);
      }
    }
    if (news !== undefined) tellDepartures(news.departures, this.members.values());
  }

  /** Who waited at the durable end for what was accepted before it joined. */
  #readOn(): void {
    for (const member of this.#awaitingLive) {
      member.read();
      if (member.state !== 'reading') this.#awaitingLive.delete(member);
    }
  }
}

export function nickTaken(nick: string): ProtocolError {
  return new ProtocolError('nick_taken', `Somebody in this room is called ${nick} already. Choose another nick.`);
}
