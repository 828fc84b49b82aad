// One room's shared log, as this node takes part in it. Batches are appended by comparison: one of this node is under way at a
// time, and it counts when it is seen in its place, not when it is acknowledged. Whatever is seen, whoever wrote it and
// whatever way it came, is applied by one function, and to the local copy before anybody is told.
// Must never append a line twice, nor at a place that it has not seen the message before of.

import { type Attempt, type Batch, type Ledger, type LedgerOwner, type NewLine, OvertakenError } from '../log/index.ts';
import { Appender, type AppenderOptions, type Place, type UnderWay } from './appender.ts';
import type { BatchMessage } from './batch-message.ts';
import { Bell } from './bell.ts';
import type { CopyState } from './copy-index.ts';
import type { Engine } from './engine.ts';
import { Following } from './following.ts';
import { LastAttempts } from './last-attempts.ts';
import { lastAtOf, lastSeqOf } from './line-bytes.ts';
import { overtaken, type PendingFence } from './waiting.ts';

const LOOK_EVERY_MS = 1_000;
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

export interface SharedLogOptions
  extends Pick<AppenderOptions, 'stream' | 'subject' | 'newBatchName' | 'counters' | 'full' | 'refuses'> {
  readonly engine: Pick<Engine, 'append' | 'read' | 'next'>;
  readonly copy: Copy;
  /** Bytes of headroom before the lines of a batch that is told. */
  readonly headroom: number;
  /** The local copy cannot be written: this node cannot serve the room. */
  failed(error: unknown): void;
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
  readonly #appender: Appender;
  readonly #following: Following;
  #owner: LedgerOwner | undefined;
  /** Stream sequence of the last message that was seen. */
  #seen: number;
  #lastSeq: number;
  #lastAt = 0;
  readonly #attempts = new LastAttempts();
  /** Rings whenever a message was applied. */
  readonly #applied = new Bell();
  #isLate = false;
  #isClosed = false;
  #hasEnded = false;
  #isWhole = false;
  #proof: Promise<void> | undefined;
  /** Where the copy ended when its readers were told last. */
  #toldEnd = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(options: SharedLogOptions) {
    this.#options = options;
    const { sequence, lastSeq } = options.copy.state;
    this.#seen = sequence;
    this.#lastSeq = lastSeq;
    const common = { ...options, applied: this.#applied };
    this.#appender = new Appender({
      ...common,
      place: () => this.#place(),
      catchUp: () => this.#following.catchUpOnce(),
      lost: (count, error) => this.#owner?.lost(count, error),
      failed: (error) => this.#fail(error),
    });
    this.#following = new Following({
      ...common,
      seen: () => this.#seen,
      apply: (message) => this.#apply(message),
      caughtUp: () => this.#appender.pump(),
    });
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
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
    return this.#following.isBehind || this.#following.hasGap;
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
    if (!this.#isClosed && !this.#hasEnded) this.#appender.add(lines);
  }

  /**
   * Resolves once a batch with this fence has its place: whatever an earlier attempt of the client said at any node is before it
   * by then, or never comes. Rejects with OvertakenError where a later attempt was first, with RoomEndedError.
   */
  fence({ id, attempt }: Attempt): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new RoomEndedError());
    if (this.#attempts.isEarlier({ id, attempt })) return Promise.reject(overtaken());
    this.#dropEarlier({ id, attempt });
    return new Promise((passed, overtaken) => this.#appender.addFence({ id, attempt, passed, overtaken }));
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
    return this.#appender.end();
  }

  /** A message of the live feed; `before` is the room's message before it. */
  live(message: BatchMessage, before: number): void {
    this.#following.live(message, before);
  }

  /** Reads on to where the room ends: tries until NATS answers, or the log is closed. */
  async catchUp(): Promise<void> {
    this.#following.isBehind = true;
    // A former leader may know of no more for a while: what the room had when it was opened, only a batch can prove.
    if (!this.#isWhole) await this.proveEnd().catch(() => {});
    await this.#following.catchUp();
  }

  /** Resolves once all that was handed over is answered, or after so many milliseconds. */
  settled(patience: number): Promise<void> {
    return this.#appender.settled(patience);
  }

  /** Nothing is sent or applied any more; who waits for a fence learns why. */
  close(why: Error = new OvertakenError('The room is closed.')): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#following.close();
    this.#appender.close(why);
    this.#applied.ring();
  }

  #place(): Place | undefined {
    if (this.#isClosed || this.#hasEnded) return undefined;
    // What is appended at a place that is about to pass is refused.
    if (this.#following.isCatchingUp) return undefined;
    return { seen: this.#seen, lastSeq: this.#lastSeq, lastAt: this.#lastAt };
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.close(error instanceof Error ? error : new Error(String(error)));
    this.#options.failed(error);
  }

  /** The message behind the last that was seen. */
  #apply(message: BatchMessage): void {
    const { copy, counters, headroom } = this.#options;
    const counts = message.after === this.#seen && !this.#hasEnded;
    const start = copy.end;
    const buffer = counts && message.lines.length > 0 ? this.#withHeadroom(message.lines) : undefined;
    // A batch without lines may stand for numbers that are not given.
    const lastSeq = buffer === undefined ? Math.max(this.#lastSeq, counts ? message.base : 0) : lastSeqOf(buffer);
    try {
      copy.append(buffer?.subarray(headroom) ?? Buffer.alloc(0), message.sequence, lastSeq);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#seen = message.sequence;
    this.#lastSeq = lastSeq;
    const own = this.#appender.settle(message, counts);
    const isProof = own !== undefined && !this.#isWhole;
    if (own !== undefined) {
      this.#isWhole = true;
      this.#following.isBehind = false;
    }
    if (counts) {
      for (const fence of message.fences) if (fence.id !== '') this.#fenced(fence);
      if (message.isEnd) this.#hasEnded = true;
    } else {
      counters.voids++;
    }
    if (buffer !== undefined) {
      this.#lastAt = Math.max(this.#lastAt, lastAtOf(buffer));
      this.#tell({ own: own?.lines.length ?? 0, buffer, start, end: copy.end, lastSeq });
    } else if (isProof) {
      this.#owner?.grew();
    }
    if (own !== undefined) this.#answer(own);
    if (!this.#appender.isUnderWay) this.#late(false);
    if (this.#hasEnded) this.#appender.close(new RoomEndedError());
    this.#applied.ring();
    this.#appender.pump();
  }

  /** What was said before the room was opened here is read as it comes, and told nobody as new. */
  #tell(batch: Batch): void {
    this.#options.counters.batches++;
    if (this.#isWhole) {
      this.#owner?.committed([batch]);
    } else if (batch.end - this.#toldEnd >= GROWN_BYTES) {
      this.#toldEnd = batch.end;
      this.#owner?.grew();
    }
  }

  /** A batch of this node has its place. A fence that has its own behind that of a later attempt came too late. */
  #answer({ fences, isEnd }: UnderWay): void {
    for (const fence of fences) this.#pass(fence);
    if (isEnd) this.#appender.ended();
  }

  #pass(fence: PendingFence): void {
    if (this.#attempts.isEarlier(fence)) fence.overtaken(overtaken());
    else fence.passed();
  }

  /** A fence has its place: what is of an earlier attempt of this client never comes. */
  #fenced(client: Attempt): void {
    this.#options.counters.fences++;
    this.#attempts.see(client);
    this.#dropEarlier(client);
    this.#appender.overtake(client);
    this.#owner?.overtaken(client);
  }

  #dropEarlier(client: Attempt): void {
    const dropped = this.#appender.dropEarlier(client);
    if (dropped.size > 0) this.#owner?.dropped(dropped);
  }

  #look(): void {
    if (this.#appender.isLate) this.#late(true);
    this.#following.look();
  }

  /** Its speakers are held back. */
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
