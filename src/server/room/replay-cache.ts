// Parts of logs, compressed for whoever read them last, for those who read them next: after a restart, or where many join at
// once, they all read the same. Small, and only what is compressed: the file has the rest.

import type { ReadableLog } from '../../log/index.ts';

/** What one read of a log gave: so many bytes of whole lines, as compressed frames. */
export interface SharedChunk {
  readonly length: number;
  readonly frames: readonly Buffer[];
}

export class ReplayCache {
  /** Those that were used last are last. */
  readonly #chunks = new Map<string, SharedChunk>();
  readonly #numbers = new WeakMap<ReadableLog, number>();
  #bytes = 0;
  #logs = 0;
  readonly #most: number;

  /** `most`: bytes of frames that are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What begins at this byte of the log, for clients that inflate with this window. */
  get(log: ReadableLog, windowBits: number, position: number): SharedChunk | undefined {
    const key = this.#keyOf(log, windowBits, position);
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return undefined;
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    return chunk;
  }

  put(log: ReadableLog, windowBits: number, position: number, chunk: SharedChunk): void {
    const key = this.#keyOf(log, windowBits, position);
    this.#remove(key);
    this.#chunks.set(key, chunk);
    this.#bytes += bytesOf(chunk);
    for (const [oldest] of this.#chunks) {
      if (this.#bytes <= this.#most) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return;
    this.#chunks.delete(key);
    this.#bytes -= bytesOf(chunk);
  }

  /** A log that was opened again may have been repaired meanwhile: it is another one. */
  #keyOf(log: ReadableLog, windowBits: number, position: number): string {
    let number = this.#numbers.get(log);
    if (number === undefined) {
      number = this.#logs++;
      this.#numbers.set(log, number);
    }
    return `${number} ${windowBits} ${position}`;
  }
}

function bytesOf({ frames }: SharedChunk): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
