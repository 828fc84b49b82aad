// Reads whole lines of a log for those who are in the room, and checks every byte of them: against the sum of its block,
// or line by line where there is none yet. Must never answer a byte that failed, nor a part of a line.
import { crc32 } from './crc32.ts';
import type { SharedDescriptor } from './descriptor.ts';
import { DamagedError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { readFully, readFullyInBackground } from './files.ts';
import { firstBadLine, MAX_LINE_BYTES, NEWLINE } from './lines.ts';
import type { Sums } from './sums.ts';
import type { Block } from './sums-file.ts';

/** What is to be read: from `position` of the log into `bytes`, which are the target's or, `beside` it, their own. */
type Piece = {
  readonly position: number;
  readonly bytes: Buffer;
  readonly beside: boolean;
  /** Exactly what is read; undefined where it has no sum yet. */
  readonly blocks: Block | undefined;
};

export class CheckedReader {
  readonly #fs: FileSystem;
  readonly #room: string;
  readonly #sums: Sums;

  constructor(fs: FileSystem, room: string, sums: Sums) {
    this.#fs = fs;
    this.#room = room;
    this.#sums = sums;
  }

  /**
   * Whole lines from `position` into `target`, as many as fit before `end`, the log's durable end. Answers their bytes, 0
   * where not one fits. Throws DamagedError.
   */
  async read(file: SharedDescriptor, position: number, target: Buffer, end: number): Promise<number> {
    file.take();
    try {
      if (!this.#sums.isAtHand(position)) await this.#sums.prefetch(position);
      const piece = this.#piece(position, target, end);
      const { bytes } = piece;
      const read = await this.#fs.readInBackground(file.fd, bytes, 0, bytes.length, piece.position);
      if (read < bytes.length) await this.#readRest(file.fd, piece, read);
      return this.#checked(piece, position, target, end);
    } finally {
      file.release();
    }
  }

  /** As `read`, in this turn. */
  readSync(fd: number, position: number, target: Buffer, end: number): number {
    const piece = this.#piece(position, target, end);
    this.#fill(fd, piece);
    return this.#checked(piece, position, target, end);
  }

  /** Checks the block of the line before `position`, which a search has believed. Throws DamagedError. */
  checkBefore(fd: number, position: number): void {
    const block = position === 0 ? undefined : this.#sums.blockAt(position - 1);
    if (block === undefined) return;
    const piece = pieceOf(block);
    this.#fill(fd, piece);
    this.#compare(block, piece.bytes);
  }

  /** Where reading begins within a block, or the block does not fit, it is read beside `target`: its sum is of all of it. */
  #piece(position: number, target: Buffer, end: number): Piece {
    const blocks = this.#sums.blocksAt(position, target.length);
    if (blocks !== undefined && (blocks.start < position || blocks.end > position + target.length)) {
      return pieceOf(this.#sums.blockAt(position) ?? blocks);
    }
    const length = blocks === undefined ? Math.min(target.length, end - position) : blocks.end - position;
    return { position, bytes: target.subarray(0, length), beside: false, blocks };
  }

  /** A read that came out short is made again, so that a failing disk says so; one that brings nothing is a lost end. */
  async #readRest(fd: number, { position, bytes }: Piece, read: number): Promise<void> {
    const rest = bytes.subarray(read);
    const more = read === 0 ? 0 : await readFullyInBackground(this.#fs, fd, rest, position + read);
    if (more < rest.length) throw new DamagedError(this.#room, position + read + more);
  }

  #fill(fd: number, { position, bytes }: Piece): void {
    const read = readFully(this.#fs, fd, bytes, position);
    if (read < bytes.length) throw new DamagedError(this.#room, position + read);
  }

  #checked({ position: from, bytes, beside, blocks }: Piece, position: number, target: Buffer, end: number): number {
    if (blocks === undefined) return this.#wholeLines(from, bytes, end);
    this.#compare(blocks, bytes);
    if (!beside) return bytes.length;
    const wanted = bytes.subarray(position - from, position - from + target.length);
    const whole = wanted.subarray(0, wanted.lastIndexOf(NEWLINE) + 1);
    return whole.copy(target);
  }

  #compare({ start, end, before, sum }: Block, bytes: Buffer): void {
    if (crc32(bytes, before) === sum) return;
    const bad = firstBadLine(bytes);
    if (bad !== -1) throw new DamagedError(this.#room, start + bad);
    // Which of the blocks it is.
    for (let at = start; at < end; ) {
      const block = this.#sums.blockAt(at);
      if (block === undefined) break;
      if (crc32(bytes.subarray(block.start - start, block.end - start), block.before) !== block.sum) {
        throw new DamagedError(this.#room, block.start, block.end);
      }
      at = block.end;
    }
    throw new DamagedError(this.#room, start, end);
  }

  #wholeLines(position: number, bytes: Buffer, end: number): number {
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    if (whole === 0) {
      const lineDoesNotFit = bytes.length < MAX_LINE_BYTES && position + bytes.length < end;
      if (lineDoesNotFit) return 0;
      throw new DamagedError(this.#room, position);
    }
    const bad = firstBadLine(bytes.subarray(0, whole));
    if (bad !== -1) throw new DamagedError(this.#room, position + bad);
    return whole;
  }
}

function pieceOf(block: Block): Piece {
  const bytes = Buffer.allocUnsafe(block.end - block.start);
  return { position: block.start, bytes, beside: true, blocks: block };
}
