// The sums of one open log: which blocks lie at a position, and the summing of what has no sum yet.
// Must never sum a byte that is not synced, nor hold more than a few pages of the sums in memory.
import { crc32 } from './crc32.ts';
import { DamagedError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { readFully } from './files.ts';
import { firstBadLine, NEWLINE } from './lines.ts';
import {
  type Block,
  blockAt,
  countRecords,
  FIRST_SUM,
  openSums,
  RECORD_BYTES,
  recordAt,
  WINDOW_BYTES,
  windowOf,
  writeBlocks,
} from './sums-file.ts';

/** Records of 4 MiB of a log. */
const PAGE = 1024;
/** A page is read with the record before it, from which the sum of its first block goes on. */
const PAGE_BYTES = (PAGE + 1) * RECORD_BYTES;
/** For readers that are far apart. */
const MOST_PAGES = 4;
/** What has to wait for its sums before that is worth a write. Bytes of the log. */
export const WORTH_SUMMING = 64 * 1024;
/** What is summed in one go. */
const STEP = 256 * 1024;

/** Fills `target` with the log's bytes from `position`. */
export type ReadLog = (target: Buffer, position: number) => Promise<void>;

export class Sums {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #room: string;
  readonly #mode: 'read' | 'write';
  readonly #broken: () => void;
  readonly #pages = new Map<number, Buffer>();
  #end = 0;

  /**
   * `broken` is told when the sums, and not the log, are found damaged: the log goes without from there on, until they are
   * made again. In the mode `read`, for one who only looks, the file stays as it is.
   */
  constructor(fs: FileSystem, path: string, room: string, mode: 'read' | 'write', broken: () => void) {
    this.#fs = fs;
    this.#path = path;
    this.#room = room;
    this.#mode = mode;
    this.#broken = broken;
  }

  /** Up to here every byte of the log has a sum. */
  get end(): number {
    return this.#end;
  }

  /** Drops what lies beyond the log's end, and answers how much longer the log was once. */
  fit(logEnd: number): number {
    const { count, last } = this.#tail();
    let index = count - 1;
    let kept: Block | 'empty' | undefined = last;
    while (index >= 0 && (typeof kept !== 'object' || kept.end > logEnd)) {
      index -= 1;
      kept = this.#block(index);
    }
    if (index + 1 < count && this.#mode === 'write') this.#write([], index + 1);
    this.#end = index >= 0 && typeof kept === 'object' ? kept.end : 0;
    return Math.max(0, (last?.end ?? 0) - logEnd);
  }

  /**
   * The blocks from the one that `position` lies in to the last that ends within `length` bytes from there, as one; that
   * first one in any case. Undefined where there is no sum.
   */
  blocksAt(position: number, length: number): Block | undefined {
    if (position >= this.#end) return undefined;
    const first = this.blockAt(position);
    if (first === undefined || first.end >= Math.min(this.#end, position + length)) return first;
    const index = windowOf(first.start);
    for (let next = Math.min(windowOf(position + length), index | (PAGE - 1)); next > index; next -= 1) {
      const last = this.#block(next);
      if (typeof last === 'object' && last.end <= position + length && last.end <= this.#end) {
        return { start: first.start, end: last.end, before: first.before, sum: last.sum };
      }
    }
    return first;
  }

  /** The block that `position` lies in, or undefined where it has no sum. */
  blockAt(position: number): Block | undefined {
    if (position >= this.#end) return undefined;
    let index = windowOf(position);
    let block = this.#block(index);
    // A block ends where its last line does, in a window behind its own.
    while (index > 0 && (block === 'empty' || (block !== undefined && block.start > position))) {
      index -= 1;
      block = this.#block(index);
    }
    if (typeof block === 'object' && block.start <= position && position < block.end) return block;
    this.#giveUp(index, position);
    return undefined;
  }

  isAtHand(position: number): boolean {
    return position >= this.#end || this.#pages.has(pageOf(windowOf(position)));
  }

  /** Reads in the background what `blocksAt` will want. */
  async prefetch(position: number): Promise<void> {
    const page = pageOf(windowOf(position));
    const fd = openSums(this.#fs, this.#path);
    if (fd === undefined) return;
    try {
      const bytes = Buffer.allocUnsafe(PAGE_BYTES);
      const count = await this.#fs.readInBackground(fd, bytes, 0, bytes.length, recordAt(page * PAGE - 1));
      // The last page may have grown meanwhile.
      if (count === bytes.length) this.#keep(page, bytes);
    } finally {
      this.#fs.close(fd);
    }
  }

  /**
   * Sums the next 256 KiB before `to`, which is synced; with `closing` the last lines too, though their block may take
   * more. Answers whether there is more to do. Throws DamagedError.
   */
  async extend(read: ReadLog, to: number, closing: boolean): Promise<boolean> {
    const { count, last } = this.#tail();
    const done = last?.end ?? 0;
    if (to <= done) return false;
    // The next line may begin in the last block's window: then that block is summed again, with it.
    const again = last !== undefined && windowOf(done) === windowOf(last.start) ? last : undefined;
    const from = again?.start ?? done;
    const chunk = Buffer.allocUnsafe(Math.min(STEP, to - from));
    await read(chunk, from);
    if (again !== undefined && crc32(chunk.subarray(0, again.end - from), again.before) !== again.sum) {
      throw new DamagedError(this.#room, again.start, again.end);
    }
    const whole = chunk.subarray(0, chunk.lastIndexOf(NEWLINE) + 1);
    const bad = whole.length === 0 ? 0 : firstBadLine(whole);
    if (bad !== -1) throw new DamagedError(this.#room, from + bad);
    const isLast = from + chunk.length === to;
    const blocks = blocksOf(whole, from, again?.before ?? last?.sum ?? FIRST_SUM, closing && isLast);
    // A reader may have given a part of them up meanwhile.
    if (this.#tail().count !== count) return true;
    if (blocks.length > 0) this.#write(blocks, again === undefined ? count : count - 1);
    return !isLast;
  }

  /** Where the sums do not fit together the log may be sound: what is behind record `index` is made again. */
  #giveUp(index: number, position: number): void {
    if (this.#mode === 'write') {
      this.#write([], index);
      this.fit(this.#end);
    } else {
      this.#end = position;
    }
    this.#broken();
  }

  #write(blocks: readonly Block[], from: number): void {
    writeBlocks(this.#fs, this.#path, blocks, from);
    this.#end = blocks.at(-1)?.end ?? this.#end;
    for (const page of this.#pages.keys()) if (page >= pageOf(from)) this.#pages.delete(page);
  }

  #tail(): { readonly count: number; readonly last: Block | undefined } {
    const fd = openSums(this.#fs, this.#path);
    if (fd === undefined) return { count: 0, last: undefined };
    try {
      const count = countRecords(this.#fs, fd);
      const records = Buffer.alloc(2 * RECORD_BYTES);
      if (count > 0) readFully(this.#fs, fd, records, recordAt(count - 2));
      const last = count > 0 ? blockAt(records, RECORD_BYTES, count - 1) : undefined;
      return { count, last: last === 'empty' ? undefined : last };
    } finally {
      this.#fs.close(fd);
    }
  }

  #block(index: number): Block | 'empty' | undefined {
    if (index < 0) return undefined;
    return blockAt(this.#page(pageOf(index)), ((index % PAGE) + 1) * RECORD_BYTES, index);
  }

  #page(page: number): Buffer {
    const known = this.#pages.get(page);
    if (known !== undefined) return known;
    const bytes = Buffer.allocUnsafe(PAGE_BYTES);
    const fd = openSums(this.#fs, this.#path);
    if (fd === undefined) return bytes.subarray(0, 0);
    try {
      return this.#keep(page, bytes.subarray(0, readFully(this.#fs, fd, bytes, recordAt(page * PAGE - 1))));
    } finally {
      this.#fs.close(fd);
    }
  }

  #keep(page: number, records: Buffer): Buffer {
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined && this.#pages.size >= MOST_PAGES) this.#pages.delete(oldest);
    this.#pages.set(page, records);
    return records;
  }
}

function pageOf(index: number): number {
  return Math.floor(index / PAGE);
}

/** Cuts whole lines, which begin at byte `from` of the log, into blocks; the last only where it cannot take more. */
function blocksOf(lines: Buffer, from: number, before: number, closing: boolean): Block[] {
  const blocks: Block[] = [];
  let last = before;
  for (let at = 0; at < lines.length; ) {
    const nextWindow = (windowOf(from + at) + 1) * WINDOW_BYTES - from;
    const newline = nextWindow > lines.length ? -1 : lines.indexOf(NEWLINE, nextWindow - 1);
    if (newline === -1 && !closing) break;
    const end = newline === -1 ? lines.length : newline + 1;
    const sum = crc32(lines.subarray(at, end), last);
    blocks.push({ start: from + at, end: from + end, before: last, sum });
    at = end;
    last = sum;
  }
  return blocks;
}
