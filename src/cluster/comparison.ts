// What a room's subject holds beside a log in a file: up to where they are the same bytes, and where they are not.

import { readSync } from 'node:fs';
import { crc32 } from '../log/index.ts';
import type { BatchMessage } from './batch-message.ts';
import type { CopyState } from './copy-index.ts';
import type { Engine } from './engine.ts';
import { lastSeqOf, linesIn } from './line-bytes.ts';

export interface ComparisonOptions {
  readonly engine: Pick<Engine, 'read' | 'next'>;
  readonly stream: string;
  readonly subject: string;
  /** The file, open to be read, and where it ends: bytes. */
  readonly fd: number;
  readonly end: number;
}

/** Lines of one message that the file has not, in their place: bytes. */
export interface Difference {
  readonly offset: number;
  readonly length: number;
}

export class Comparison {
  readonly #options: ComparisonOptions;
  /** How far the subject was read, whatever the file has. */
  #state: CopyState = { sequence: 0, end: 0, lastSeq: 0, sum: 0 };
  /** The same, as far as the file has it whole. */
  #common = this.#state;
  #hasEnded = false;
  #lines = 0;
  readonly #differences: Difference[] = [];

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  get state(): CopyState {
    return this.#state;
  }

  get common(): CopyState {
    return this.#common;
  }

  /** The room's tombstone was seen. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get lines(): number {
    return this.#lines;
  }

  get differences(): readonly Difference[] {
    return this.#differences;
  }

  /** Reads on to where the leader has the room's end. Rejects where NATS does not answer; what was read counts. */
  async readOn(): Promise<void> {
    const { engine, stream, subject } = this.#options;
    while ((await engine.next(stream, subject, this.#state.sequence)) !== undefined) {
      await engine.read(stream, subject, this.#state.sequence, (message) => this.#take(message));
    }
  }

  /** Counts what every node counts. */
  #take({ sequence, after, base, isEnd, lines }: BatchMessage): void {
    if (sequence <= this.#state.sequence) return;
    const counts = after === this.#state.sequence && !this.#hasEnded;
    // Of a room that was deleted its end alone is left.
    if (isEnd && (counts || this.#state.sequence === 0)) this.#hasEnded = true;
    if (counts && lines.length > 0) this.#takeLines(sequence, Buffer.from(lines));
    else this.#state = { ...this.#state, sequence, lastSeq: Math.max(this.#state.lastSeq, counts ? base : 0) };
    if (this.#differences.length === 0 && this.#state.end <= this.#options.end) this.#common = this.#state;
  }

  #takeLines(sequence: number, lines: Buffer): void {
    const { fd, end } = this.#options;
    const { end: offset, sum } = this.#state;
    const here = Buffer.alloc(Math.max(0, Math.min(lines.length, end - offset)));
    const length = here.length === 0 ? 0 : readSync(fd, here, 0, here.length, offset);
    if (length < here.length || !here.equals(lines.subarray(0, length))) this.#differences.push({ offset, length });
    this.#lines += linesIn(lines);
    this.#state = { sequence, end: offset + lines.length, lastSeq: lastSeqOf(lines), sum: crc32(lines, sum) };
  }
}
