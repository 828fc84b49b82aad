// Whether anything can be said in the cluster now: every node writes to NATS every two seconds, and one that nobody has
// answered for long cannot serve. A connection alone proves nothing: the servers behind it may be too few to decide.

const EVERY_MS = 2_000;
/** Without an answer for so long, clients go elsewhere. */
const SILENT_MS = 15_000;

export interface PulseOptions {
  /** Whether NATS has decided on it, whatever it has decided. Never rejects. */
  beat(): Promise<boolean>;
  /** Told each time that it changes. */
  changed(isAlive: boolean): void;
}

export class Pulse {
  readonly #options: PulseOptions;
  #answeredAt = performance.now();
  #lookedAt = performance.now();
  #isAlive = true;
  #isBeating = false;
  readonly #timer: NodeJS.Timeout;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    // A node that stood still has not been answered, and did not ask.
    if (now - this.#lookedAt > 2 * EVERY_MS) this.#answeredAt = now;
    this.#lookedAt = now;
    if (this.#isAlive && now - this.#answeredAt > SILENT_MS) this.#tell(false);
    if (this.#isBeating) return;
    this.#isBeating = true;
    const done = () => {
      this.#isBeating = false;
    };
    this.#beat().then(done, done);
  }

  async #beat(): Promise<void> {
    if (!(await this.#options.beat())) return;
    this.#answeredAt = performance.now();
    if (!this.#isAlive) this.#tell(true);
  }

  #tell(isAlive: boolean): void {
    this.#isAlive = isAlive;
    this.#options.changed(isAlive);
  }
}
