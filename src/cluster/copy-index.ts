// Beside a copied log: for each message of the room's subject its stream sequence, where the log ended after it, the seq of the
// last line then, and the sum of all that the log had. Written after the lines, so that whatever stands in it is in the log.
// Must never be believed beyond the end of the log: what is not whole is cut off, and fetched again.

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from '../log/index.ts';

/** How far a copy has come. */
export interface CopyState {
  /** The last message that was seen, as a stream sequence; 0 for none. */
  readonly sequence: number;
  /** Bytes of the log. */
  readonly end: number;
  readonly lastSeq: number;
  /** CRC-32 of these bytes. */
  readonly sum: number;
}

/** What is here of a room is not what was copied. */
export class CopyDamagedError extends Error {
  override readonly name = 'CopyDamagedError';
}

const RECORD_BYTES = 32;
const SUM_AT = 24;
const CHECK_AT = 28;
const CHUNK_BYTES = 1024 * 1024;
/** So much of the end of a log is read when it is opened, and somewhat more; a repair compares all of it. */
const CHECKED_BYTES = 16 * 1024 * 1024;
const NOTHING: CopyState = { sequence: 0, end: 0, lastSeq: 0, sum: 0 };

export class CopyIndex {
  readonly #fd: number;
  #state: CopyState;

  /**
   * Opens the index at `path`, and cuts it and the log at `logPath` back to what both have whole. Reads the end of the log, so
   * that a large one opens as a small one does, and rejects with CopyDamagedError where it is not what was written.
   */
  static async open(path: string, logPath: string): Promise<CopyIndex> {
    const fd = openSync(path, 'a+', 0o600);
    try {
      const size = statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
      const state = lastWithin(fd, size);
      if (state.end > 0 && (await sumOf(logPath, startOf(fd, state.end - CHECKED_BYTES), state.end)) !== state.sum) {
        throw new CopyDamagedError('its lines are not those that were copied');
      }
      if (size > state.end) truncateSync(logPath, state.end);
      return new CopyIndex(fd, state);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Makes the index of a log that is a copy already, synced. */
  static async save(path: string, state: CopyState): Promise<void> {
    const file = await open(path, 'w', 0o600);
    try {
      // Of an empty room there is no message.
      if (state.sequence > 0) await file.writeFile(recordOf(state));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  private constructor(fd: number, state: CopyState) {
    this.#fd = fd;
    this.#state = state;
  }

  get state(): CopyState {
    return this.#state;
  }

  /** Throws what the file system says. */
  append(state: CopyState): void {
    const record = recordOf(state);
    // A disk that fills up takes a part of it first.
    for (let done = 0; done < RECORD_BYTES; ) done += writeSync(this.#fd, record, done);
    this.#state = state;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The last record that a log of `size` bytes holds all of; the index is cut off behind it. */
function lastWithin(fd: number, size: number): CopyState {
  const { size: length } = fstatSync(fd);
  let count = Math.floor(length / RECORD_BYTES);
  let state = NOTHING;
  for (; count > 0; count--) {
    state = readRecord(fd, count - 1);
    if (state.end <= size) break;
    state = NOTHING;
  }
  if (length > count * RECORD_BYTES) ftruncateSync(fd, count * RECORD_BYTES);
  return state;
}

/** The last state before this byte of the log. */
function startOf(fd: number, position: number): CopyState {
  let [before, behind] = [-1, Math.floor(fstatSync(fd).size / RECORD_BYTES)];
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2);
    if (readRecord(fd, middle).end <= position) before = middle;
    else behind = middle;
  }
  return before === -1 ? NOTHING : readRecord(fd, before);
}

function readRecord(fd: number, index: number): CopyState {
  const record = Buffer.alloc(RECORD_BYTES);
  readSync(fd, record, 0, RECORD_BYTES, index * RECORD_BYTES);
  if (record.readUInt32LE(CHECK_AT) !== crc32(record.subarray(0, CHECK_AT))) {
    throw new CopyDamagedError('the file copy.index is not what was written');
  }
  return {
    sequence: Number(record.readBigUInt64LE(0)),
    end: Number(record.readBigUInt64LE(8)),
    lastSeq: Number(record.readBigUInt64LE(16)),
    sum: record.readUInt32LE(SUM_AT),
  };
}

function recordOf({ sequence, end, lastSeq, sum }: CopyState): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeBigUInt64LE(BigInt(sequence), 0);
  record.writeBigUInt64LE(BigInt(end), 8);
  record.writeBigUInt64LE(BigInt(lastSeq), 16);
  record.writeUInt32LE(sum, SUM_AT);
  record.writeUInt32LE(crc32(record.subarray(0, CHECK_AT)), CHECK_AT);
  return record;
}

/** The sum of the first `end` bytes of a file, of which the first ones are known. */
async function sumOf(path: string, known: CopyState, end: number): Promise<number> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end));
    let { sum } = known;
    for (let position = known.end; position < end; ) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, end - position), position);
      if (bytesRead === 0) break;
      sum = crc32(chunk.subarray(0, bytesRead), sum);
      position += bytesRead;
    }
    return sum;
  } finally {
    await file.close();
  }
}
