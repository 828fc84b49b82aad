// Walks a whole log from its file, whether it is open or not: what is whole, and what no server wrote and where.
// Must never write, nor hold more than a chunk of the log in memory.
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from './crc32.ts';
import { nodeFileSystem } from './file-system.ts';
import { MAX_LINE_BYTES, NEWLINE } from './lines.ts';
import { logPath } from './open-log.ts';
import { Sums } from './sums.ts';
import { type Block, sumsPath } from './sums-file.ts';

/** `offset` and `length` are bytes. */
export type Span =
  /** Whole lines, at most 64 KiB. `summed`: exactly those that were written. */
  | { readonly kind: 'lines'; readonly offset: number; readonly bytes: Buffer; readonly summed: boolean }
  /** `lines` counts their ends. */
  | {
      readonly kind: 'bad';
      readonly offset: number;
      readonly length: number;
      readonly lines: number;
      readonly reason: string;
    }
  /** From here on there are no sums to go by. */
  | { readonly kind: 'broken-sums'; readonly offset: number };

const CHUNK_BYTES = 64 * 1024;
const WRONG_SUM = 'lines that are not those that were written';
const TOO_LONG = `line of more than ${MAX_LINE_BYTES} bytes`;

export class LogScan {
  /** Where the log ends, and up to where it has sums. */
  readonly end: number;
  readonly summed: number;
  readonly #file: FileHandle;
  readonly #sums: Sums;
  #sumsAreBroken = false;

  private constructor(file: FileHandle, folder: string, room: string, end: number) {
    this.#file = file;
    this.end = end;
    this.#sums = new Sums(nodeFileSystem, sumsPath(folder), room, 'read', () => {
      this.#sumsAreBroken = true;
    });
    this.#sums.fit(end);
    this.summed = this.#sums.end;
  }

  /** Opens the log of a folder, and looks no further than `end`. To be closed. Rejects with the system's error. */
  static async open(folder: string, room: string, end = Number.POSITIVE_INFINITY): Promise<LogScan> {
    const file = await open(logPath(folder));
    try {
      const { size } = await file.stat();
      return new LogScan(file, folder, room, Math.min(size, end));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The bytes between two offsets, in chunks that are overwritten by the next. */
  async *bytes(from: number, to: number): AsyncGenerator<Buffer> {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - from));
    for (let position = from; position < to; ) {
      const { bytesRead } = await this.#file.read(chunk, 0, Math.min(chunk.length, to - position), position);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  /** The log, piece by piece. The bytes of a piece are overwritten by the next. */
  async *spans(): AsyncGenerator<Span> {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let position = 0; position < this.end; ) {
      const blocks = this.#sums.blocksAt(position, CHUNK_BYTES);
      if (this.#sumsAreBroken) {
        this.#sumsAreBroken = false;
        yield { kind: 'broken-sums', offset: position };
      }
      const length = blocks === undefined ? Math.min(CHUNK_BYTES, this.end - position) : blocks.end - position;
      const bytes = chunk.subarray(0, length);
      const { bytesRead } = await this.#file.read(bytes, 0, length, position);
      if (bytesRead < length) return;
      if (blocks === undefined) position = yield* this.#unsummed(bytes, position);
      else position = yield* this.#summed(bytes, blocks);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  *#summed(bytes: Buffer, blocks: Block): Generator<Span, number> {
    if (crc32(bytes, blocks.before) === blocks.sum) {
      yield { kind: 'lines', offset: blocks.start, bytes, summed: true };
      return blocks.end;
    }
    for (let at = blocks.start; at < blocks.end; ) {
      const block = this.#sums.blockAt(at);
      if (block === undefined) return at;
      const { start: offset, end, before, sum } = block;
      const part = bytes.subarray(offset - blocks.start, end - blocks.start);
      if (crc32(part, before) === sum) yield { kind: 'lines', offset, bytes: part, summed: true };
      else yield { kind: 'bad', offset, length: part.length, lines: linesIn(part), reason: WRONG_SUM };
      at = end;
    }
    return blocks.end;
  }

  async *#unsummed(bytes: Buffer, offset: number): AsyncGenerator<Span, number> {
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole > 0) {
      yield { kind: 'lines', offset, bytes: bytes.subarray(0, whole), summed: false };
      return offset + whole;
    }
    // No line is so long: it is looked for its end.
    let end = offset + bytes.length;
    for await (const more of this.bytes(end, this.end)) {
      const newline = more.indexOf(NEWLINE);
      end += newline === -1 ? more.length : newline + 1;
      if (newline !== -1) {
        yield { kind: 'bad', offset, length: end - offset, lines: 1, reason: TOO_LONG };
        return end;
      }
    }
    const length = this.end - offset;
    if (length > MAX_LINE_BYTES) yield { kind: 'bad', offset, length, lines: 1, reason: TOO_LONG };
    else yield { kind: 'bad', offset, length, lines: 0, reason: 'the last line has no end' };
    return this.end;
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
