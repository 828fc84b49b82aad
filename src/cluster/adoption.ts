// Brings a log of before, or of elsewhere, into the cluster. First its lines, in batches, to the subject of its epoch, where
// nobody looks yet; then, when all of them have been seen in their places, the room, for everybody at once. Whoever does it
// again, after whatever has cut it short, compares what is there already and goes on behind it.
// Must never let a room be seen that is not whole, nor append to one that can be seen.

import { type FileHandle, open } from 'node:fs/promises';
import type { RoomMeta } from '../log/index.ts';
import { encodeHead } from './batch-message.ts';
import { Comparison } from './comparison.ts';
import type { CopyState } from './copy-index.ts';
import { type Engine, untilReady } from './engine.ts';
import type { RoomsBucket } from './rooms-bucket.ts';
import { type Names, shardOf } from './subjects.ts';

/** An append without an answer for so long is looked for. */
const ANSWER_MS = 5_000;
/** At most so many bytes of lines in one batch. */
const BATCH_BYTES = 512 * 1024;
const NEWLINE = 0x0a;
const RETRY_MS = 25;
/** NATS may choose a leader meanwhile. */
const PATIENCE_MS = 30_000;
const EPOCH = /^[\w-]+$/;

export interface AdoptionOptions {
  readonly engine: Engine;
  readonly names: Names;
  readonly bucket: RoomsBucket;
  readonly newBatchName: () => string;
}

/** A log that nobody appends to. */
export interface WholeLog {
  readonly path: string;
  /** Where the sequence goes on: its last line's seq, or more where numbers were skipped. */
  readonly lastSeq: number;
}

export type AdoptionFailure = 'exists' | 'deleted' | 'differs' | 'full' | 'silent';

/** Why a log is not in the cluster. `message` is a sentence. */
export class AdoptionError extends Error {
  override readonly name = 'AdoptionError';
  readonly kind: AdoptionFailure;

  constructor(kind: AdoptionFailure, message: string) {
    super(message);
    this.kind = kind;
  }
}

export class Adoption {
  readonly #options: AdoptionOptions;

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** Throws AdoptionError where the cluster has another room of this name. */
  checkName({ name, epoch }: RoomMeta): void {
    const known = this.#options.bucket.get(name);
    if (known !== undefined && known.epoch !== epoch) throw exists(name);
  }

  /**
   * Makes a room of a log, and resolves with how far the log is a copy of it. Of one that the cluster has under its epoch
   * already, with all of its lines, it is one. Rejects with AdoptionError, and what the file system says.
   */
  async adopt(meta: RoomMeta, { path, lastSeq }: WholeLog): Promise<CopyState> {
    const { engine, names, bucket } = this.#options;
    const { name, epoch } = meta;
    if (!EPOCH.test(epoch)) throw new AdoptionError('differs', `The epoch of the room ${name} is none of a server's.`);
    this.checkName(meta);
    const subject = names.room(name, epoch);
    const file = await open(path);
    try {
      const { size: end } = await file.stat();
      const comparison = new Comparison({ engine, stream: names.stream(shardOf(name)), subject, fd: file.fd, end });
      await orSilent(() => comparison.readOn());
      check(name, comparison);
      if (bucket.get(name) === undefined) {
        if (comparison.state.end > end) throw differs(name);
        await this.#append(meta, comparison, file, { end, lastSeq });
        if (!(await orSilent(() => bucket.add(meta)))) throw exists(name);
      } else if (comparison.state.end < end) {
        throw new AdoptionError('differs', `This log of the room ${name} has lines that the cluster has not.`);
      }
      return comparison.common;
    } finally {
      await file.close();
    }
  }

  async #append(
    { name, epoch }: RoomMeta,
    comparison: Comparison,
    file: FileHandle,
    { end, lastSeq }: { readonly end: number; readonly lastSeq: number },
  ): Promise<void> {
    const subject = this.#options.names.room(name, epoch);
    while (comparison.state.end < end || comparison.state.lastSeq < lastSeq) {
      const lines = await readLines(file, comparison.state.end, end);
      // Numbers that were skipped are so behind the last line.
      const base = lines.length === 0 ? lastSeq : comparison.state.lastSeq;
      await this.#appendOne(name, subject, comparison, base, lines);
      check(name, comparison);
    }
  }

  /** Appends one batch behind what was seen; resolves when something is seen there, which may be another one. */
  async #appendOne(name: string, subject: string, comparison: Comparison, base: number, lines: Buffer): Promise<void> {
    const { engine, newBatchName } = this.#options;
    const { sequence: after } = comparison.state;
    const batch = newBatchName();
    for (const until = performance.now() + PATIENCE_MS; ; ) {
      const head = encodeHead({ after, batch, base, fences: [], isEnd: false });
      const answer = await engine.append(subject, head, lines, ANSWER_MS);
      // Whatever was answered: it counts when it is seen.
      await comparison.readOn().catch(() => {});
      if (comparison.state.sequence > after) return;
      if (answer.kind === 'full' || answer.kind === 'refused') {
        throw new AdoptionError('full', `NATS does not take the lines of the room ${name}: ${answer.reason}.`);
      }
      if (performance.now() > until) throw silent();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function check(name: string, { hasEnded, differences }: Comparison): void {
  if (hasEnded) throw new AdoptionError('deleted', `The room ${name} was deleted in the cluster.`);
  if (differences.length > 0) throw differs(name);
}

/** Whole lines from `position` on, as many as a batch takes. */
async function readLines(file: FileHandle, position: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(BATCH_BYTES, end - position));
  await file.read(bytes, 0, bytes.length, position);
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
}

async function orSilent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await untilReady(work);
  } catch (error) {
    throw silent(error);
  }
}

function exists(name: string): AdoptionError {
  return new AdoptionError('exists', `The cluster has another room ${name} already.`);
}

function differs(name: string): AdoptionError {
  return new AdoptionError('differs', `What the cluster has of the room ${name} is not how this log begins.`);
}

function silent(cause?: unknown): AdoptionError {
  return new AdoptionError('silent', `NATS does not answer${cause instanceof Error ? `: ${cause.message}` : ''}.`);
}
