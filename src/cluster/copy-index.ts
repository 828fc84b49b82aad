// Beside a copied log: for each message of the room's subject its stream sequence, where the log ended after it, and the seq of
// the last line then. Written after the lines, so that whatever stands in it is in the log.
// Must never be believed beyond the end of the log: what is not whole is cut off, and fetched again.

import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, truncateSync, writeSync } from 'node:fs';

/** How far a copy has come. */
export interface CopyState {
  /** The last message that was seen, as a stream sequence; 0 for none. */
  readonly sequence: number;
  /** Bytes of the log. */
  readonly end: number;
  readonly lastSeq: number;
}

const RECORD_BYTES = 24;
const NOTHING: CopyState = { sequence: 0, end: 0, lastSeq: 0 };

export class CopyIndex {
  readonly #fd: number;
  readonly #record = Buffer.alloc(RECORD_BYTES);
  readonly state: CopyState;

  /** Opens the index at `path`, and cuts it and the log at `logPath` back to what both have whole. */
  constructor(path: string, logPath: string) {
    this.#fd = openSync(path, 'a+', 0o600);
    this.state = this.#lastWithin(existsSync(logPath) ? sizeOf(logPath) : 0);
    if (existsSync(logPath)) truncateSync(logPath, this.state.end);
  }

  append({ sequence, end, lastSeq }: CopyState): void {
    this.#record.writeBigUInt64LE(BigInt(sequence), 0);
    this.#record.writeBigUInt64LE(BigInt(end), 8);
    this.#record.writeBigUInt64LE(BigInt(lastSeq), 16);
    writeSync(this.#fd, this.#record);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #lastWithin(logEnd: number): CopyState {
    let count = Math.floor(fstatSync(this.#fd).size / RECORD_BYTES);
    let state = NOTHING;
    for (; count > 0; count--) {
      readSync(this.#fd, this.#record, 0, RECORD_BYTES, (count - 1) * RECORD_BYTES);
      state = {
        sequence: Number(this.#record.readBigUInt64LE(0)),
        end: Number(this.#record.readBigUInt64LE(8)),
        lastSeq: Number(this.#record.readBigUInt64LE(16)),
      };
      if (state.end <= logEnd) break;
      state = NOTHING;
    }
    ftruncateSync(this.#fd, count * RECORD_BYTES);
    return state;
  }
}

function sizeOf(path: string): number {
  const fd = openSync(path, 'r');
  try {
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}
