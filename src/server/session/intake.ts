// The lines of the frame at hand: handled one after the other, each only when it may be. The socket is not read before
// they are done, so there is never more than one frame of them.

import { FrameLines } from '../../protocol/index.ts';

export interface IntakeOwner {
  /** Whether the next line may be handled now. */
  mayRead(): boolean;
  /** So many more lines of the frame were looked at, blank ones too. */
  payLines(count: number): void;
  handle(line: string): void;
}

export class Intake {
  #lines: FrameLines | undefined = undefined;
  #paid = 0;
  readonly #owner: IntakeOwner;

  constructor(owner: IntakeOwner) {
    this.#owner = owner;
  }

  get isEmpty(): boolean {
    return this.#lines === undefined;
  }

  /** Takes the lines of a frame, of which the first is paid for with the frame. */
  take(frame: string): void {
    this.#lines = new FrameLines(frame);
    this.#paid = 1;
  }

  /** Handles lines for as long as it may; whether all are done. */
  goOn(): boolean {
    const lines = this.#lines;
    while (lines !== undefined && this.#owner.mayRead()) {
      const line = lines.next();
      if (lines.passed > this.#paid) {
        this.#owner.payLines(lines.passed - this.#paid);
        this.#paid = lines.passed;
      }
      if (line === undefined) this.#lines = undefined;
      else this.#owner.handle(line);
      // Done, or discarded by what the line did.
      if (this.#lines === undefined) return true;
    }
    return lines === undefined;
  }

  /** What is not handled yet never will be. */
  discard(): void {
    this.#lines = undefined;
  }
}
