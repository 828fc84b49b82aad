// What waits for the disk in all rooms together, in bytes of memory: a disk that stands still must not fill it. Knows no
// rooms; each of them adds what waits there, and asks how much that may be.

/** What an accepted message takes besides its text: the entry and its event. */
const ENTRY_BYTES = 512;
/** A room may use this part of what is left, so that however many flood, something is left for one that does not. */
const PART = 1 / 8;

export class Backlog {
  private bytes = 0;

  /** `most`: bytes of memory that may wait in all rooms together. */
  constructor(private readonly most: number) {}

  /** Bytes that may wait in one room. A room without any is never above it. */
  get share(): number {
    return Math.max(0, (this.most - this.bytes) * PART);
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
  }
}

/** A batch's bytes are there three times: as texts, as lines, and as what is sent. */
export function memoryOf(entries: number, bytes: number): number {
  return 3 * bytes + (entries + 1) * ENTRY_BYTES;
}
