// When `join` reads an input that is not a terminal: not before it is first in the room, so that no command is lost; and a /quit
// there comes true once all that was said and asked before it is done. Never reads or says anything itself.

export interface PipedInputOwner {
  /** Messages that the room is not yet known to have. */
  pending(): number;
  hold(hold: boolean): void;
  leave(): void;
}

export class PipedInput {
  readonly #isPiped: boolean;
  readonly #owner: PipedInputOwner;
  #isIn = false;
  /** Messages that were taken although there was no more room. */
  #unready = 0;
  #isHeld = false;
  #wasLive = false;
  #unanswered = 0;
  #isQuitting = false;

  /** One that is not piped is held only while no more messages can be taken. */
  constructor(isPiped: boolean, owner: PipedInputOwner) {
    this.#isPiped = isPiped;
    this.#owner = owner;
    this.#update();
  }

  /** Nothing that follows a /quit counts. */
  get isOver(): boolean {
    return this.#isQuitting;
  }

  joined(): void {
    this.#isIn = true;
    this.#update();
  }

  live(): void {
    this.#wasLive = true;
    this.#forgetAsked();
  }

  /** What is said meanwhile waits for the next connection, and is named if there is none. */
  lost(): void {
    this.#forgetAsked();
  }

  /** No more messages can be taken until this resolves. */
  waitFor(ready: Promise<void>): void {
    const change = (by: number): void => {
      this.#unready += by;
      this.#update();
    };
    change(1);
    const done = (): void => change(-1);
    ready.then(done, done);
  }

  /** A command went out that will be answered. */
  asked(): void {
    this.#unanswered += 1;
  }

  answered(): void {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    this.settled();
  }

  /** A message has a receipt, or was refused. */
  settled(): void {
    if (this.#isQuitting && !this.#isWaiting) this.#owner.leave();
  }

  quit(): void {
    this.#isQuitting = this.#isPiped;
    if (this.#isPiped) this.settled();
    else this.#owner.leave();
  }

  get #isWaiting(): boolean {
    return !this.#wasLive || this.#unanswered > 0 || this.#owner.pending() > 0;
  }

  /** On another connection they are not answered. */
  #forgetAsked(): void {
    this.#unanswered = 0;
    this.settled();
  }

  #update(): void {
    const hold = this.#unready > 0 || (this.#isPiped && !this.#isIn);
    if (hold === this.#isHeld) return;
    this.#isHeld = hold;
    this.#owner.hold(hold);
  }
}
