// What waits for the disk in all rooms together, in bytes of memory: a disk that stands still must not fill it. Knows no
// rooms; each of them adds what waits there, and asks whether it is too much.

/** What an accepted message takes besides its bytes: the entry, its event, their strings. Measured, and rounded up. */
const ENTRY_BYTES = 512;

export class Backlog {
  /** From the limit on, until it has fallen to a half: else everybody would be woken for each sync. */
  isFull = false;
  private bytes = 0;

  /** `onEased`: it is not full any more. */
  constructor(
    private readonly most: number,
    private readonly onEased: () => void,
  ) {}

  add(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.most) this.isFull = true;
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
    if (!this.isFull || this.bytes > this.most / 2) return;
    this.isFull = false;
    this.onEased();
  }
}

/** A batch's bytes are there as strings and as what is sent. */
export function memoryOf(entries: number, bytes: number): number {
  return 2 * bytes + (entries + 1) * ENTRY_BYTES;
}
