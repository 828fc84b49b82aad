// Sifts a log: the lines that are to be kept, and the holes that are left where bytes are not what a server wrote.
// Must never keep a line that is in doubt, nor count on numbers being dense where the machine had gone down.
import type { LogScan, Span } from './scan.ts';
import { seqOfSoundLine } from './sound-line.ts';
import { linesOf } from './verify.ts';

/** Numbers that a power loss skips are more than any damage takes. */
const MOST_MISSING = 2 ** 20;

/** Bytes of the log that are not kept. */
export type Hole = {
  readonly offset: number;
  readonly length: number;
  readonly reason: string;
  /** Lines that others may have seen and that are gone; 0 where all there was is left. */
  readonly missing: number;
  /** A number for a line in their place: the first missing one, and at the log's end one that was never given. */
  readonly seq: number;
};

export type Sifted =
  | { readonly kind: 'line'; readonly seq: number; readonly bytes: Buffer }
  | { readonly kind: 'hole'; readonly hole: Hole };

/** A line that is sound by itself; whether its number is, the next one tells. */
type Candidate = { readonly seq: number; readonly bytes: Buffer; readonly offset: number; readonly summed: boolean };

type Gap = { readonly offset: number; length: number; lines: number; readonly reason: string };

/** A log from its beginning, in order. The bytes of a line are its own, newline included. */
export async function* sift(scan: LogScan): AsyncGenerator<Sifted> {
  const sieve = new Sieve();
  for await (const span of scan.spans()) {
    if (span.kind === 'bad') sieve.drop(span.offset, span.length, span.lines, span.reason);
    else if (span.kind === 'lines') for (const line of candidatesOf(span, sieve)) yield* sieve.add(line);
  }
  yield* sieve.end();
}

function* candidatesOf({ bytes, offset, summed }: Span & { kind: 'lines' }, sieve: Sieve): Generator<Candidate> {
  for (const [line, at] of linesOf(bytes)) {
    const seq = seqOfSoundLine(line);
    const whole = bytes.subarray(at, at + line.length + 1);
    if (typeof seq === 'string') sieve.drop(offset + at, whole.length, 1, seq);
    else yield { seq, bytes: Buffer.from(whole), offset: offset + at, summed };
  }
}

/** What is dropped belongs behind the candidate at hand: `before` it is what was dropped before that came. */
class Sieve {
  #lastSeq = 0;
  #before: Gap | undefined;
  #candidate: Candidate | undefined;
  #behind: Gap | undefined;

  drop(offset: number, length: number, lines: number, reason: string): void {
    if (this.#candidate === undefined) this.#before = joined(this.#before, { offset, length, lines, reason });
    else this.#behind = joined(this.#behind, { offset, length, lines, reason });
  }

  *add(line: Candidate): Generator<Sifted> {
    const { seq, offset, bytes } = line;
    const last = this.#candidate?.seq ?? this.#lastSeq;
    if (seq > last) {
      yield* this.#keep();
      this.#candidate = line;
    } else if (seq > this.#lastSeq && this.#candidate?.summed === false) {
      // It is the one before whose number has become too high.
      const wrong = this.#candidate;
      const gap = gapOf(wrong, `seq ${wrong.seq} before ${seq}`);
      this.#before = joined(joined(this.#before, gap), this.#behind);
      this.#behind = undefined;
      this.#candidate = line;
    } else {
      this.drop(offset, bytes.length, 1, `seq ${seq} does not rise above ${last}`);
    }
  }

  *end(): Generator<Sifted> {
    yield* this.#keep();
    if (this.#before !== undefined) yield { kind: 'hole', hole: this.#holeAtEnd(this.#before) };
  }

  *#keep(): Generator<Sifted> {
    const candidate = this.#candidate;
    if (candidate === undefined) return;
    if (this.#before !== undefined) yield { kind: 'hole', hole: this.#holeBefore(this.#before, candidate.seq) };
    yield { kind: 'line', seq: candidate.seq, bytes: candidate.bytes };
    this.#lastSeq = candidate.seq;
    this.#before = this.#behind;
    this.#behind = undefined;
    this.#candidate = undefined;
  }

  #holeBefore({ offset, length, lines, reason }: Gap, nextSeq: number): Hole {
    const numbers = nextSeq - this.#lastSeq - 1;
    // A room gives its numbers one after the other, unless the machine went down.
    const missing = numbers < MOST_MISSING ? numbers : Math.max(1, lines);
    return { offset, length, reason, missing, seq: this.#lastSeq + 1 };
  }

  #holeAtEnd({ offset, length, lines, reason }: Gap): Hole {
    return { offset, length, reason, missing: lines, seq: this.#lastSeq + MOST_MISSING };
  }
}

function joined(first: Gap | undefined, second: Gap | undefined): Gap | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return { ...first, length: first.length + second.length, lines: first.lines + second.lines };
}

function gapOf({ offset, bytes }: Candidate, reason: string): Gap {
  return { offset, length: bytes.length, lines: 1, reason };
}
