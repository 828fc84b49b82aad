// A node's events, for admins who watch at another node: told as they happen, and never kept for anybody who does not read.

import type { NatsConnection } from '@nats-io/transport-node';

/** What is on its way; more is dropped and counted. */
const MOST_CHARACTERS = 1024 * 1024;
/** Of one message. */
const PART_CHARACTERS = 128 * 1024;

interface Told {
  readonly node: string;
  readonly events: string;
}

export class EventFeed {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #self: string;
  #events: string[] = [];
  #characters = 0;
  #dropped = 0;
  #isSending = false;

  constructor(connection: NatsConnection, subject: string, self: string) {
    this.#connection = connection;
    this.#subject = subject;
    this.#self = self;
  }

  /** A line, newline included. */
  tell(event: string): void {
    if (this.#characters > MOST_CHARACTERS) {
      this.#dropped++;
      return;
    }
    this.#events.push(event);
    this.#characters += event.length;
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => {
      this.#send()
        .catch(() => {})
        .finally(() => {
          this.#isSending = false;
        });
    });
  }

  /** Tells what the other nodes tell, until what it returns is called. */
  follow(told: (node: string, events: string) => void): () => void {
    const subscription = this.#connection.subscribe(this.#subject, {
      callback: (error, message) => {
        if (error) return;
        const { node, events } = message.json<Told>();
        if (node !== this.#self) told(node, events);
      },
    });
    return () => subscription.unsubscribe();
  }

  /** The next message waits until the server has taken the last one. */
  async #send(): Promise<void> {
    while (this.#events.length > 0) {
      const events = this.#take();
      if (this.#connection.isClosed()) return;
      this.#connection.publish(this.#subject, JSON.stringify({ node: this.#self, events } satisfies Told));
      await this.#connection.flush();
    }
  }

  #take(): string {
    if (this.#dropped > 0) {
      const message = `${this.#dropped} events were dropped: NATS did not take them.`;
      this.#dropped = 0;
      return `${JSON.stringify({ event: 'warning', at: Date.now(), message })}\n`;
    }
    let count = 0;
    let characters = 0;
    while (count < this.#events.length && characters < PART_CHARACTERS) {
      characters += this.#events[count]?.length ?? 0;
      count++;
    }
    this.#characters -= characters;
    return this.#events.splice(0, count).join('');
  }
}
