// Turn by turn: everything that arrives in one turn of the event loop is one batch a room. This is the only place that
// decides when a batch ends.

export interface Flushable {
  /** Must not throw. */
  flush(): void;
}

export class Turn {
  readonly #dirty = new Set<Flushable>();
  #scheduled = false;

  /** `flushable` is flushed once, at the end of this turn. */
  mark(flushable: Flushable): void {
    this.#dirty.add(flushable);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.end);
  }

  /** Ends the turn now: for a shutdown, which must not leave a batch behind. */
  readonly end = (): void => {
    this.#scheduled = false;
    // What a flush marks belongs to the next turn.
    const ending = [...this.#dirty];
    this.#dirty.clear();
    for (const flushable of ending) flushable.flush();
  };
}
