// What waits for the disk, in bytes of memory: a disk that stands still must not fill it, and one that is slow must not be
// given ever more. Knows no rooms: each of them adds what waits there, and asks before it reads more from its speakers.

/** What an accepted message takes besides its text: the entry and its event. */
const ENTRY_BYTES = 512;
/** A room may use this part of what is left, so that however many flood, something is left for one that does not. */
const PART = 1 / 8;

/** A batch's bytes are there three times: as texts, as lines, and as what is sent. */
export function memoryOf(entries: number, bytes: number): number {
  return 3 * bytes + (entries + 1) * ENTRY_BYTES;
}

/** What waits in all rooms together. */
export class Backlog {
  #bytes = 0;
  readonly #most: number;

  /** `most`: bytes of memory that may wait. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that may wait in one room. A room without any is never above it. */
  get share(): number {
    return Math.max(0, (this.#most - this.#bytes) * PART);
  }

  /** Negative where something waits no more. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** What waits in one room. */
export class RoomBacklog {
  #bytes = 0;
  /** The log has lines that should have been synced by now. */
  #isLate = false;
  #hasHeldBack = false;
  readonly #all: Backlog;
  readonly #onEased: () => void;

  /** `onEased`: somebody was held back, and nobody is any more. */
  constructor(all: Backlog, onEased: () => void) {
    this.#all = all;
    this.#onEased = onEased;
  }

  /** Whether whoever speaks has to wait, until `onEased`. */
  holdsBack(): boolean {
    const holds = this.#isOver();
    if (holds) this.#hasHeldBack = true;
    return holds;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#all.add(bytes);
  }

  remove(bytes: number): void {
    this.add(-bytes);
    this.#ease();
  }

  late(isLate: boolean): void {
    this.#isLate = isLate;
    this.#ease();
  }

  #isOver(): boolean {
    return this.#isLate || (this.#bytes > 0 && this.#bytes > this.#all.share);
  }

  /** Where something waits or is late there will be another call, so nobody is forgotten who is still held back now. */
  #ease(): void {
    if (!this.#hasHeldBack || this.#isOver()) return;
    this.#hasHeldBack = false;
    this.#onEased();
  }
}
