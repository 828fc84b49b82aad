// What a node appends to a room: lines, fences and the end, in batches of which one is under way at a time. A batch goes out again
// and again as the same bytes until it is known what became of it; where its place is somebody else's, it is encoded anew.
// Must never give up a batch that may have been stored, nor send two.

import { AppendError, type Attempt, FullError, type NewLine } from '../log/index.ts';
import { type BatchMessage, encodeHead } from './batch-message.ts';
import type { Bell } from './bell.ts';
import type { Counters } from './counters.ts';
import type { Appended, Engine } from './engine.ts';
import type { Fullness } from './fullness.ts';
import { type Cargo, type PendingFence, Waiting } from './waiting.ts';

/** An acknowledged batch comes by the live feed within this time, or is looked for. */
const SEEN_WITHIN_MS = 30;
/** What somebody else was first with comes live within this time, or is looked for. */
const FIRST_WITHIN_MS = 15;
/**
 * An answer takes a few milliseconds, and never comes from a server that has just gone: the same bytes again are always safe. One
 * that is only slow is given longer each time.
 */
const FIRST_ANSWER_MS = 1_000;
const LAST_ANSWER_MS = 8_000;
const BUSY_MS = 4;
const LEAST_RETRY_MS = 25;
const MOST_RETRY_MS = 1_000;
/** A batch that takes longer is late. */
const LATE_MS = 2_000;

/** Behind what a batch goes. */
export interface Place {
  /** Stream sequence of the room's last message that was seen here. */
  readonly seen: number;
  readonly lastSeq: number;
  /** When the last line was said: milliseconds since 1970. */
  readonly lastAt: number;
}

export interface AppenderOptions {
  readonly engine: Pick<Engine, 'append'>;
  readonly stream: string;
  readonly subject: string;
  /** Makes the name of an encoding, which no other of any node has. */
  readonly newBatchName: () => string;
  readonly counters: Counters;
  /** Which streams take no more lines. */
  readonly full: Fullness;
  /** Rings whenever a message was applied. */
  readonly applied: Bell;
  /** Why so many bytes may not be appended, if they may not. */
  refuses(bytes: number): Error | undefined;
  /** Undefined while nothing can be appended. */
  place(): Place | undefined;
  /** Looks for what was not heard of. Rejects where NATS does not answer. */
  catchUp(): Promise<void>;
  /** The oldest lines that were handed over are not in the log. */
  lost(count: number, error: Error): void;
  failed(error: unknown): void;
}

/** A batch that was encoded and is on its way. */
export interface UnderWay extends Cargo {
  readonly batch: string;
  readonly after: number;
  readonly base: number;
  readonly begun: number;
  /** Whether an attempt may have been stored without an answer. */
  isUncertain: boolean;
}

export class Appender {
  readonly #options: AppenderOptions;
  readonly #waiting = new Waiting();
  #underWay: UnderWay | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  /** A batch has been under way for longer than it should. */
  get isLate(): boolean {
    return this.#underWay !== undefined && performance.now() - this.#underWay.begun > LATE_MS;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  add(lines: readonly NewLine[]): void {
    this.#waiting.add(lines);
    this.pump();
  }

  addFence(fence: PendingFence): void {
    this.#waiting.addFence(fence);
    this.pump();
  }

  /** Appends the tombstone, behind all lines that were added before. Rejects where it is not in the log. */
  end(): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.ending = { done, failed };
      this.pump();
    });
  }

  /** Drops the lines of this client's earlier attempts that are not under way. */
  dropEarlier(client: Attempt): ReadonlySet<NewLine> {
    return this.#waiting.dropEarlier(client);
  }

  /** Ends the fences of this client's earlier attempts. */
  overtake(client: Attempt): void {
    this.#waiting.overtake(client);
  }

  /** The room's next message was seen: the batch under way, if it is that one and counts; else it is dead, and waits again. */
  settle({ batch }: BatchMessage, counts: boolean): UnderWay | undefined {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (underWay === undefined) return undefined;
    const { counters, full, stream } = this.#options;
    if (!counts || underWay.batch !== batch) {
      this.#waiting.takeBack(underWay);
      counters.retries++;
      return undefined;
    }
    counters.commits.observe((performance.now() - underWay.begun) / 1000);
    if (underWay.lines.length > 0) full.taken(stream);
    return underWay;
  }

  /** The tombstone has its place. */
  ended(): void {
    this.#waiting.ending?.done();
  }

  /** Sends the next batch, where none is under way. */
  pump(): void {
    if (this.#underWay !== undefined || this.#waiting.isEmpty) return;
    const place = this.#options.place();
    if (place === undefined) return;
    const cargo = this.#waiting.take(place.lastSeq + 1, place.lastAt);
    const refusal = cargo.lines.length === 0 ? undefined : this.#options.refuses(cargo.payload.length);
    if (refusal !== undefined) {
      this.#waiting.takeBack({ lines: [], fences: cargo.fences });
      this.#options.lost(cargo.lines.length, refusal);
      this.pump();
      return;
    }
    const underWay: UnderWay = {
      ...cargo,
      batch: this.#options.newBatchName(),
      after: place.seen,
      base: place.lastSeq,
      begun: performance.now(),
      isUncertain: false,
    };
    this.#underWay = underWay;
    this.#send(underWay).catch((error) => this.#options.failed(error));
  }

  /** Resolves once all lines are answered, or after so many milliseconds. */
  async settled(patience: number): Promise<void> {
    const until = performance.now() + patience;
    while ((this.#underWay !== undefined || this.#waiting.hasLines) && performance.now() < until) {
      await this.#options.applied.wait(LEAST_RETRY_MS);
    }
  }

  /** Nothing is sent any more; who waits for a fence learns why. */
  close(why: Error): void {
    if (this.#underWay !== undefined) this.#waiting.takeBack(this.#underWay);
    this.#underWay = undefined;
    this.#waiting.close(why);
  }

  /** The same bytes again and again, until it is known what became of them. */
  async #send(underWay: UnderWay): Promise<void> {
    const { engine, subject, counters, applied } = this.#options;
    const { after, batch, base, fences, isEnd, payload } = underWay;
    let wait = LEAST_RETRY_MS;
    let patience = FIRST_ANSWER_MS;
    while (this.#underWay === underWay) {
      const answer = await engine.append(subject, encodeHead({ after, batch, base, fences, isEnd }), payload, patience);
      if (this.#underWay !== underWay) return;
      if (await this.#isSettled(underWay, answer)) return;
      counters.retries++;
      if (answer.kind === 'unknown') patience = Math.min(LAST_ANSWER_MS, patience * 2);
      if (answer.kind === 'busy') {
        await applied.wait(BUSY_MS);
      } else {
        await applied.wait(wait);
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
        if (answer.last > underWay.after) await this.#lookFor(underWay, FIRST_WITHIN_MS);
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
    const { applied, catchUp } = this.#options;
    const until = performance.now() + patience;
    while (this.#underWay === underWay && performance.now() < until) await applied.wait(until - performance.now());
    if (this.#underWay !== underWay) return;
    try {
      await catchUp();
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
    if (lines.length > 0) this.#options.lost(lines.length, error);
    setTimeout(() => this.pump(), MOST_RETRY_MS).unref();
  }
}
