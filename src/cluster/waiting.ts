// What a room's shared log has still to send: lines, fences, and perhaps the end. Knows nothing of what is under way.

import { type Attempt, type NewLine, OvertakenError } from '../log/index.ts';

/** At most so many bytes of lines in one batch. */
const BATCH_BYTES = 512 * 1024;

export interface PendingFence extends Attempt {
  readonly passed: () => void;
  readonly overtaken: (error: Error) => void;
}

export interface Ending {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What goes into one batch. */
export interface Cargo {
  readonly lines: readonly NewLine[];
  readonly fences: readonly PendingFence[];
  /** The lines, encoded. */
  readonly payload: Buffer;
  readonly isEnd: boolean;
}

/** What an attempt is told after which a later one has come. */
export function overtaken(): OvertakenError {
  return new OvertakenError('This client has connected again elsewhere.');
}

export class Waiting {
  #lines: NewLine[] = [];
  #fences: PendingFence[] = [];
  ending: Ending | undefined;

  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#fences.length === 0 && this.ending === undefined;
  }

  get hasLines(): boolean {
    return this.#lines.length > 0;
  }

  add(lines: readonly NewLine[]): void {
    this.#lines.push(...lines);
  }

  addFence(fence: PendingFence): void {
    this.#fences.push(fence);
  }

  /** As much as one batch takes, its lines encoded from `seq` on, none said before `notBefore`. */
  take(seq: number, notBefore: number): Cargo {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (const line of this.#lines) {
      const part = Buffer.from(line.encode(seq + parts.length, notBefore));
      if (parts.length > 0 && bytes + part.length > BATCH_BYTES) break;
      parts.push(part);
      bytes += part.length;
    }
    const lines = this.#lines.slice(0, parts.length);
    const fences = this.#fences;
    this.#lines = this.#lines.slice(parts.length);
    this.#fences = [];
    // The end comes after all that was said before it.
    const isEnd = this.ending !== undefined && this.#lines.length === 0;
    return { lines, fences, payload: Buffer.concat(parts), isEnd };
  }

  /** What was taken is not in the log: it goes first, encoded anew. */
  takeBack({ lines, fences }: Pick<Cargo, 'lines' | 'fences'>): void {
    this.#lines = [...lines, ...this.#lines];
    this.#fences = [...fences, ...this.#fences];
  }

  /** Drops the lines of this client's earlier attempts, and answers them. */
  dropEarlier({ id, attempt }: Attempt): ReadonlySet<NewLine> {
    const dropped = new Set(
      this.#lines.filter(({ author }) => author !== undefined && author.id === id && author.attempt < attempt),
    );
    if (dropped.size > 0) this.#lines = this.#lines.filter((line) => !dropped.has(line));
    return dropped;
  }

  /** Ends the fences of this client's earlier attempts. */
  overtake({ id, attempt }: Attempt): void {
    const dead = this.#fences.filter((fence) => fence.id === id && fence.attempt < attempt);
    this.#fences = this.#fences.filter((fence) => !dead.includes(fence));
    for (const fence of dead) fence.overtaken(overtaken());
  }

  /** Nothing is sent any more. */
  close(error: Error): void {
    for (const { overtaken } of this.#fences) overtaken(error);
    this.#fences = [];
    this.#lines = [];
  }
}
