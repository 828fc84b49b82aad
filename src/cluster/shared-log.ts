// One room's shared log, as this node takes part in it. Batches are appended by comparison: one of this node is under way at a
// time, and it counts when it is seen in its place, not when it is acknowledged. Whatever is seen, whoever wrote it and
// whatever way it came, is applied by one function, and to the local copy before anybody is told.
// Must never append a line twice, nor at a place that it has not seen the message before of.

import {
  AppendError,
  type Attempt,
  type Batch,
  FullError,
  type Ledger,
  type LedgerOwner,
  type NewLine,
  OvertakenError,
} from '../log/index.ts';
import { type BatchMessage, encodeHead } from './batch-message.ts';
import { Bell } from './bell.ts';
import type { CopyState } from './copy-index.ts';
import type { Counters } from './counters.ts';
import type { Appended, Engine } from './engine.ts';
import type { Fullness } from './fullness.ts';
import { LastAttempts } from './last-attempts.ts';
import { lastAtOf, lastSeqOf } from './line-bytes.ts';
import { type Cargo, overtaken, type PendingFence, Waiting } from './waiting.ts';

/** An acknowledged batch comes by the live feed within this time, or is looked for. */
const SEEN_WITHIN_MS = 30;
/** What somebody else was first with comes live within this time, or is looked for. */
const FIRST_WITHIN_MS = 15;
const BUSY_MS = 4;
const LEAST_RETRY_MS = 25;
const MOST_RETRY_MS = 1_000;
/** A batch that takes longer holds its speakers back. */
const LATE_MS = 2_000;
/** Silence of the live feed, after which the end is looked for: it tells of nothing that it missed. */
const SILENCE_MS = 5_000;
/** Readers of a copy that is being fetched are told each time that it has grown by so many bytes. */
const GROWN_BYTES = 256 * 1024;

/** The local copy of the log. */
export interface Copy {
  readonly state: CopyState;
  /** Where the log ends: bytes. */
  readonly end: number;
  /** Appends a message's lines, if any, and notes how far the copy has come. Throws what the file system says. */
  append(lines: Buffer, sequence: number, lastSeq: number): void;
}

export interface SharedLogOptions {
  readonly engine: Pick<Engine, 'append' | 'read' | 'next'>;
  readonly stream: string;
  readonly subject: string;
  readonly copy: Copy;
  /** Why so many bytes may not be appended, if they may not. */
  refuses(bytes: number): Error | undefined;
  /** Makes the name of an encoding, which no other of any node has. */
  readonly newBatchName: () => string;
  /** Bytes of headroom before the lines of a batch that is told. */
  readonly headroom: number;
  readonly counters: Counters;
  /** Which streams take no more lines. */
  readonly full: Fullness;
  /** The local copy cannot be written: this node cannot serve the room. */
  failed(error: unknown): void;
}

/** A batch that was encoded and is on its way. */
interface UnderWay extends Cargo {
  readonly batch: string;
  readonly after: number;
  readonly base: number;
  readonly begun: number;
  /** Whether an attempt may have been stored without an answer. */
  isUncertain: boolean;
}

/** The room's tombstone was seen: nothing comes after it. */
export class RoomEndedError extends Error {
  override readonly name = 'RoomEndedError';
  readonly code = 'ENDED';

  constructor() {
    super('The room was deleted.');
  }
}

export class SharedLog implements Ledger {
  readonly #options: SharedLogOptions;
  #owner: LedgerOwner | undefined;
  /** Stream sequence of the last message that was seen. */
  #seen: number;
  #lastSeq: number;
  #lastAt = 0;
  readonly #waiting = new Waiting();
  readonly #attempts = new LastAttempts();
  #underWay: UnderWay | undefined;
  /** Live messages beyond a gap, by their stream sequence. */
  readonly #aside = new Map<number, BatchMessage>();
  #catchingUp: Promise<void> | undefined;
  /** Monotonic time at which the room was last heard of, or its end was found. */
  #heardAt = performance.now();
  /** Rings whenever a message was applied. */
  readonly #applied = new Bell();
  /** There is more of the room than was seen, or may be. */
  #isBehind = true;
  #isLate = false;
  #isClosed = false;
  #hasEnded = false;
  #isWhole = false;
  #proof: Promise<void> | undefined;
  /** Where the copy ended when its readers were told last. */
  #toldEnd = 0;
  #timer: NodeJS.Timeout;

  constructor(options: SharedLogOptions) {
    this.#options = options;
    const { sequence, lastSeq } = options.copy.state;
    this.#seen = sequence;
    this.#lastSeq = lastSeq;
    this.#timer = setInterval(() => this.#look(), 1_000);
  }

  /** Its tombstone was seen: the room is deleted, or about to be. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes of the copy. */
  get copyEnd(): number {
    return this.#options.copy.end;
  }

  /** Whether the copy has all that was said before the room was opened here. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether the copy is known not to have all of the room, or has yet to find the end. */
  get isBehind(): boolean {
    return this.#isBehind || this.#aside.size > 0;
  }

  /** Whom it tells of batches from here on. */
  begin(owner: LedgerOwner): this {
    this.#owner = owner;
    return this;
  }

  /** When the last line was said, where the copy was read. */
  startAt(at: number): void {
    this.#lastAt = Math.max(this.#lastAt, at);
  }

  append(lines: readonly NewLine[]): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#waiting.add(lines);
    this.#pump();
  }

  /**
   * Resolves once a batch with this fence has its place: whatever an earlier attempt of the client said at any node is before it
   * by then, or never comes. Rejects with OvertakenError where a later attempt was first, with ClosedLogError.
   */
  fence({ id, attempt }: Attempt): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new RoomEndedError());
    if (this.#attempts.isEarlier({ id, attempt })) return Promise.reject(overtaken());
    this.#dropEarlier({ id, attempt });
    return new Promise((passed, overtaken) => {
      this.#waiting.addFence({ id, attempt, passed, overtaken });
      this.#pump();
    });
  }

  isOvertaken(client: Attempt): boolean {
    return this.#attempts.isEarlier(client);
  }

  /** Proves where the room ended when it was opened here, by an empty batch that has its place. Rejects as `fence`. */
  proveEnd(): Promise<void> {
    this.#proof ??= this.fence({ id: '', attempt: 0 });
    return this.#proof;
  }

  /** Appends the tombstone: nothing counts after it. */
  end(): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.ending = { done, failed };
      this.#pump();
    });
  }

  /** A message of the live feed; `before` is the room's message before it. */
  live(message: BatchMessage, before: number): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    if (message.sequence <= this.#seen) return;
    if (before > this.#seen) {
      this.#aside.set(message.sequence, message);
      this.#options.counters.gaps++;
      this.#catchUpOnce().catch(() => {});
      return;
    }
    this.#applyNext(message);
    this.#applyAside();
  }

  /** Reads on to where the room ends, as the leader has it: tries until NATS answers, or the log is closed. */
  async catchUp(): Promise<void> {
    this.#isBehind = true;
    // A former leader may know of no more for a while: what the room had when it was opened, only a batch can prove.
    if (!this.#isWhole) await this.proveEnd().catch(() => {});
    while (!this.#isClosed) {
      try {
        await this.#catchUpOnce();
        return;
      } catch {
        await this.#applied.wait(MOST_RETRY_MS);
      }
    }
  }

  /** Rejects where NATS does not answer. */
  #catchUpOnce(): Promise<void> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
      this.#pump();
    });
    return this.#catchingUp;
  }

  /** Resolves once all that was handed over is answered, or after so many milliseconds. */
  async settled(patience: number): Promise<void> {
    const until = performance.now() + patience;
    while ((this.#underWay !== undefined || this.#waiting.hasLines) && performance.now() < until) {
      await this.#applied.wait(LEAST_RETRY_MS);
    }
  }

  /** Nothing is sent or applied any more; who waits for a fence learns why. */
  close(why: Error = new OvertakenError('The room is closed.')): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    if (this.#underWay !== undefined) this.#waiting.takeBack(this.#underWay);
    this.#underWay = undefined;
    this.#waiting.close(why);
    this.#applied.ring();
  }

  async #catchUp(): Promise<void> {
    const { engine, stream, subject } = this.#options;
    for (;;) {
      const next = await engine.next(stream, subject, this.#seen);
      if (next === undefined || this.#isClosed) break;
      this.#isBehind = true;
      await engine.read(stream, subject, this.#seen, (message) => {
        if (message.sequence > this.#seen && !this.#isClosed) this.#applyNext(message);
      });
      this.#applyAside();
    }
    this.#isBehind = false;
    this.#heardAt = performance.now();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.close(error instanceof Error ? error : new Error(String(error)));
    this.#options.failed(error);
  }

  #applyAside(): void {
    for (const [sequence, message] of [...this.#aside].sort(([a], [b]) => a - b)) {
      if (sequence > this.#seen) {
        if (message.after > this.#seen) return;
        this.#applyNext(message);
      }
      this.#aside.delete(sequence);
    }
  }

  /** The message behind the last that was seen. */
  #applyNext(message: BatchMessage): void {
    const { copy, counters } = this.#options;
    const before = this.#seen;
    const counts = message.after === before && !this.#hasEnded;
    const isEmpty = !counts || message.lines.length === 0;
    const start = copy.end;
    const buffer = isEmpty ? undefined : this.#withHeadroom(message.lines);
    // A batch without lines may stand for numbers that are not given.
    const lastSeq = buffer === undefined ? Math.max(this.#lastSeq, counts ? message.base : 0) : lastSeqOf(buffer);
    try {
      copy.append(buffer?.subarray(this.#options.headroom) ?? Buffer.alloc(0), message.sequence, lastSeq);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#seen = message.sequence;
    this.#lastSeq = lastSeq;
    const underWay = this.#underWay;
    this.#underWay = undefined;
    const isOurs = counts && underWay !== undefined && underWay.batch === message.batch;
    const isProof = isOurs && !this.#isWhole;
    if (isProof) this.#isWhole = true;
    if (!counts) counters.voids++;
    if (underWay !== undefined) {
      if (isOurs) {
        counters.commits.observe((performance.now() - underWay.begun) / 1000);
        this.#isBehind = false;
        if (underWay.lines.length > 0) this.#options.full.taken(this.#options.stream);
      } else {
        this.#takeBack(underWay);
      }
    }
    if (counts) for (const fence of message.fences) if (fence.id !== '') this.#fenced(fence);
    if (counts && message.isEnd) this.#hasEnded = true;
    if (buffer !== undefined) {
      this.#lastAt = Math.max(this.#lastAt, lastAtOf(buffer));
      const own = isOurs ? underWay.lines.length : 0;
      const batch: Batch = { own, buffer, start, end: copy.end, lastSeq };
      counters.batches++;
      if (this.#isWhole) this.#owner?.committed([batch]);
      else this.#grow();
    } else if (isProof) {
      this.#owner?.grew();
    }
    if (isOurs) this.#passFences(underWay.fences);
    if (isOurs && underWay.isEnd) this.#waiting.ending?.done();
    if (this.#underWay === undefined && this.#isLate) this.#late(false);
    if (this.#hasEnded) this.#waiting.close(new RoomEndedError());
    this.#applied.ring();
    this.#pump();
  }

  /** What was said before the room was opened here is read as it comes, and told nobody as new. */
  #grow(): void {
    const { end } = this.#options.copy;
    if (end - this.#toldEnd < GROWN_BYTES) return;
    this.#toldEnd = end;
    this.#owner?.grew();
  }

  /** It is dead: its place is somebody else's. What it carried is encoded anew. */
  #takeBack(underWay: UnderWay): void {
    this.#waiting.takeBack(underWay);
    this.#options.counters.retries++;
  }

  /** A fence has its place: what is of an earlier attempt of this client never comes. */
  #fenced(client: Attempt): void {
    this.#options.counters.fences++;
    this.#attempts.see(client);
    this.#dropEarlier(client);
    this.#waiting.overtake(client);
    this.#owner?.overtaken(client);
  }

  /** A fence that has its place behind that of a later attempt came too late. */
  #passFences(fences: readonly PendingFence[]): void {
    for (const fence of fences) {
      if (this.#attempts.isEarlier(fence)) fence.overtaken(overtaken());
      else fence.passed();
    }
  }

  #dropEarlier(client: Attempt): void {
    const dropped = this.#waiting.dropEarlier(client);
    if (dropped.size > 0) this.#owner?.dropped(dropped);
  }

  /** Sends the next batch, where none is under way. */
  #pump(): void {
    if (this.#underWay !== undefined || this.#isClosed || this.#hasEnded || this.#waiting.isEmpty) return;
    // What is appended at a place that is about to pass is refused.
    if (this.#catchingUp !== undefined) return;
    const cargo = this.#waiting.take(this.#lastSeq + 1, this.#lastAt);
    const refusal = cargo.lines.length === 0 ? undefined : this.#options.refuses(cargo.payload.length);
    if (refusal !== undefined) {
      this.#waiting.takeBack({ lines: [], fences: cargo.fences });
      this.#owner?.lost(cargo.lines.length, refusal);
      this.#pump();
      return;
    }
    const underWay: UnderWay = {
      ...cargo,
      batch: this.#options.newBatchName(),
      after: this.#seen,
      base: this.#lastSeq,
      begun: performance.now(),
      isUncertain: false,
    };
    this.#underWay = underWay;
    this.#send(underWay).catch((error) => this.#fail(error));
  }

  /** The same bytes again and again, until it is known what became of them. */
  async #send(underWay: UnderWay): Promise<void> {
    const { engine, subject } = this.#options;
    const { after, batch, base, fences, isEnd, payload } = underWay;
    let wait = LEAST_RETRY_MS;
    while (this.#underWay === underWay) {
      const answer = await engine.append(subject, encodeHead({ after, batch, base, fences, isEnd }), payload);
      if (this.#underWay !== underWay) return;
      if (await this.#isSettled(underWay, answer)) return;
      this.#options.counters.retries++;
      if (answer.kind === 'busy') {
        await this.#applied.wait(BUSY_MS);
      } else {
        await this.#applied.wait(wait);
        wait = Math.min(MOST_RETRY_MS, wait * 2);
      }
    }
  }

  /** Whether nothing more is to be done about a batch after this answer; else it is sent again. */
  async #isSettled(underWay: UnderWay, answer: Appended): Promise<boolean> {
    const { full, stream } = this.#options;
    switch (answer.kind) {
      case 'stored':
        // It may be acknowledged and yet not be there, on a server with a full disk.
        await this.#lookFor(underWay, SEEN_WITHIN_MS);
        break;
      case 'not next':
        // A former leader may know less than was seen here: it is asked again, and nobody goes back.
        if (answer.last > this.#seen) await this.#lookFor(underWay, FIRST_WITHIN_MS);
        break;
      case 'unknown':
        underWay.isUncertain = true;
        await this.#lookFor(underWay, 0);
        break;
      case 'full':
      case 'refused':
        if (!underWay.isUncertain) {
          if (answer.kind === 'full') full.refused(stream, answer.reason);
          this.#lose(underWay, answer.kind === 'full' ? new FullError(answer.reason) : new AppendError(answer.reason));
          return true;
        }
        await this.#lookFor(underWay, 0);
        break;
      default:
    }
    return this.#underWay !== underWay;
  }

  async #lookFor(underWay: UnderWay, patience: number): Promise<void> {
    const until = performance.now() + patience;
    while (this.#underWay === underWay && performance.now() < until)
      await this.#applied.wait(until - performance.now());
    if (this.#underWay !== underWay) return;
    try {
      await this.#catchUpOnce();
    } catch {
      // NATS does not answer now: the same bytes again, later.
    }
  }

  #lose({ lines, fences, isEnd }: UnderWay, error: Error): void {
    this.#underWay = undefined;
    // A fence has no lines that could be refused: it goes with the next batch.
    this.#waiting.takeBack({ lines: [], fences });
    if (isEnd) {
      this.#waiting.ending?.failed(error);
      this.#waiting.ending = undefined;
    }
    if (lines.length > 0) this.#owner?.lost(lines.length, error);
    setTimeout(() => this.#pump(), MOST_RETRY_MS).unref();
  }

  #look(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#underWay !== undefined && now - this.#underWay.begun > LATE_MS) this.#late(true);
    if (now - this.#heardAt < SILENCE_MS || this.#catchingUp !== undefined) return;
    this.#heardAt = now;
    this.#catchUpOnce().catch(() => {});
  }

  #late(isLate: boolean): void {
    if (this.#isLate === isLate) return;
    this.#isLate = isLate;
    this.#owner?.late(isLate);
  }

  #withHeadroom(lines: Uint8Array): Buffer {
    const { headroom } = this.#options;
    const buffer = Buffer.allocUnsafe(headroom + lines.length);
    buffer.fill(0x20, 0, headroom);
    buffer.set(lines, headroom);
    return buffer;
  }
}
