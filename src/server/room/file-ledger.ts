// The ledger of a log that is this server's alone: what is handed over is appended in the same turn, with one write, and
// committed once it may be read.

import type { Batch, Ledger, LedgerOwner, NewLine, RoomLog } from '../../log/index.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { encodeLines, HEADROOM } from './line-frames.ts';
import { NoRoomError } from './not-saved.ts';
import type { Storage } from './storage.ts';

export interface FileLedgerOptions {
  readonly log: RoomLog;
  readonly metrics: Metrics;
  readonly storage: Pick<Storage, 'refuses' | 'appended'>;
  readonly owner: LedgerOwner;
}

export class FileLedger implements Ledger {
  readonly isWhole = true;
  /** Appended, and waiting for their sync. */
  readonly #syncing: Batch[] = [];
  readonly #options: FileLedgerOptions;

  constructor(options: FileLedgerOptions) {
    this.#options = options;
  }

  append(lines: readonly NewLine[]): void {
    const { log, owner } = this.#options;
    let lastSeq = log.lastSeq;
    let text = '';
    for (const line of lines) text += line.encode(++lastSeq, 0);
    const buffer = encodeLines(text);
    const start = log.appendedEnd;
    try {
      this.#write(buffer, lastSeq);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      owner.lost(lines.length, error);
      return;
    }
    const batch = { own: lines.length, buffer, start, end: log.appendedEnd, lastSeq };
    if (this.#syncing.length === 0 && log.durableEnd >= batch.end) owner.committed([batch]);
    else this.#syncing.push(batch);
  }

  /** Who joins here ends its earlier connection in the same turn. */
  fence(): Promise<void> {
    return Promise.resolve();
  }

  isOvertaken(): boolean {
    return false;
  }

  catchUp(): Promise<void> {
    return Promise.resolve();
  }

  /** The durable end has moved, some time after the append. */
  durable(): void {
    const { log, owner } = this.#options;
    const waiting = this.#syncing.findIndex(({ end }) => end > log.durableEnd);
    const done = this.#syncing.splice(0, waiting === -1 ? this.#syncing.length : waiting);
    owner.committed(done);
  }

  #write(buffer: Buffer, lastSeq: number): void {
    const { log, metrics, storage } = this.#options;
    const bytes = buffer.length - HEADROOM;
    const refusal = storage.refuses(log, bytes);
    if (refusal !== undefined) throw new NoRoomError(refusal);
    const began = performance.now();
    log.append(buffer.subarray(HEADROOM), lastSeq);
    metrics.appendSeconds.observe((performance.now() - began) / 1000);
    storage.appended(log, bytes);
  }
}
