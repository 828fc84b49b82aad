// Gives back the memory that a rush leaves in V8's young generation: up to 48 MiB, in which there is nothing any more. V8
// shrinks it by itself, but only when it collects it, which is once it is full again: on a server that has fallen silent
// that may take long. Never looks at it while the server is at work: there a large one is what makes it fast.

import { getHeapSpaceStatistics } from 'node:v8';

/** Below this there is nothing to give back: bytes. */
const SMALL = 4 * 1024 * 1024;
/** Whoever makes less than this between two looks has nothing to do: V8's own measure, a kilobyte in a millisecond. */
const QUIET_BYTES = 1_000_000;
/** V8 judges by its last 5 seconds. */
const QUIET_LOOKS = 5;
/** Another V8 may keep what it has: so often it is asked in one silence. */
const MOST_TRIES = 5;
/** V8 collects the young generation before it adds to as many bytes of array buffers as this. */
const PRESSURE_BYTES = 32 * 1024 * 1024;

export class YoungHeap {
  #used = 0;
  #quietLooks = 0;

  /** Called once a second. */
  look(): void {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (space === undefined) return;
    const made = space.space_used_size - this.#used;
    this.#used = space.space_used_size;
    if (space.space_size <= SMALL || made > QUIET_BYTES) this.#quietLooks = 0;
    else this.#quietLooks++;
    if (this.#quietLooks <= QUIET_LOOKS || this.#quietLooks > QUIET_LOOKS + MOST_TRIES) return;
    collect();
    this.#used = 0;
  }
}

/** Takes a millisecond or two. The large buffer is never written to, so the system never has to find memory for it. */
function collect(): void {
  try {
    new ArrayBuffer(PRESSURE_BYTES);
    new ArrayBuffer(1);
  } catch {
    // Where the system does not even promise that much, there is nothing to be won either.
  }
}
