// Holds back whoever produces output while its reader is slow: on a pipe that nobody reads, what is printed would else wait
// in memory. Never drops anything.

import type { Writable } from 'node:stream';

export interface Producer {
  pause(): void;
  resume(): void;
}

/** What may wait in a stream before its producer is paused. */
const HIGH_WATER_BYTES = 256 * 1024;

/** A stream that has failed takes nothing more, and keeps nobody waiting. */
const ENDS_OF_WAITING = ['drain', 'error', 'close'] as const;

export class BackPressure {
  readonly #waiting = new Set<Writable>();
  readonly #producer: Producer;
  readonly #streams: readonly Writable[];

  constructor(producer: Producer, streams: readonly Writable[]) {
    this.#producer = producer;
    this.#streams = streams;
  }

  /** To be called after whatever may have written to one of the streams. */
  check(): void {
    for (const stream of this.#streams) {
      if (stream.writableLength > HIGH_WATER_BYTES && !this.#waiting.has(stream)) this.#waitFor(stream);
    }
  }

  #waitFor(stream: Writable): void {
    if (this.#waiting.size === 0) this.#producer.pause();
    this.#waiting.add(stream);
    const goOn = (): void => {
      for (const event of ENDS_OF_WAITING) stream.off(event, goOn);
      this.#waiting.delete(stream);
      if (this.#waiting.size === 0) this.#producer.resume();
    };
    for (const event of ENDS_OF_WAITING) stream.on(event, goOn);
  }
}

/** One producer for several that may hold it back: it goes on when none of them does. */
export class SharedProducer {
  readonly #holding = new Set<Producer>();
  readonly #producer: Producer;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  share(): Producer {
    const share: Producer = {
      pause: () => {
        if (this.#holding.size === 0) this.#producer.pause();
        this.#holding.add(share);
      },
      resume: () => {
        if (this.#holding.delete(share) && this.#holding.size === 0) this.#producer.resume();
      },
    };
    return share;
  }
}
