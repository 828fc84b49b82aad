// The bytes that have come and are not used up: chunks as they came, and a frame's header that a chunk's end has cut.
// Holds on to nothing once all is used up, and never copies payload.
import { type FrameHeader, MAX_HEADER_SIZE, readFrameHeader } from './frame.ts';

const EMPTY = Buffer.alloc(0);

export class Input {
  /** The chunk being read, and those behind it while nobody reads. */
  #chunk: Buffer | undefined = undefined;
  #offset = 0;
  #waiting: Buffer[] | undefined = undefined;
  #cutHeader: Buffer | undefined = undefined;
  #cutHeaderLength = 0;

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#chunk === undefined) this.#chunk = bytes;
    else if (this.#waiting === undefined) this.#waiting = [bytes];
    else this.#waiting.push(bytes);
  }

  clear(): void {
    this.#chunk = undefined;
    this.#offset = 0;
    this.#waiting = undefined;
    this.#cutHeader = undefined;
  }

  /** At most `limit` bytes of what comes next, as a view; none when all is used up. */
  take(limit: number): Buffer {
    if (this.#chunk === undefined || limit === 0) return EMPTY;
    const bytes = this.#chunk.subarray(this.#offset, this.#offset + limit);
    this.#consume(bytes.length);
    return bytes;
  }

  /** The next frame's header; `undefined` when it has not all come. Throws for an invalid one. */
  takeHeader(): FrameHeader | undefined {
    while (this.#chunk !== undefined) {
      if (this.#cutHeader === undefined) {
        const header = readFrameHeader(this.#chunk, this.#offset, this.#chunk.length);
        if (header !== undefined) {
          this.#consume(header.size);
          return header;
        }
        this.#cutHeader = Buffer.allocUnsafe(MAX_HEADER_SIZE);
        this.#cutHeaderLength = 0;
      }
      const before = this.#cutHeaderLength;
      const length = before + this.#chunk.copy(this.#cutHeader, before, this.#offset);
      const header = readFrameHeader(this.#cutHeader, 0, length);
      if (header !== undefined) {
        this.#cutHeader = undefined;
        this.#consume(header.size - before);
        return header;
      }
      this.#cutHeaderLength = length;
      this.#consume(length - before);
    }
    return undefined;
  }

  #consume(count: number): void {
    this.#offset += count;
    if (this.#chunk === undefined || this.#offset < this.#chunk.length) return;
    this.#chunk = this.#waiting?.shift();
    if (this.#waiting?.length === 0) this.#waiting = undefined;
    this.#offset = 0;
  }
}
