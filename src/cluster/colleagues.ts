// The other nodes, as a server speaks to them for an admin.

import type { NatsConnection } from '@nats-io/transport-node';
import { Asking } from './asking.ts';
import { EventFeed } from './event-feed.ts';
import type { Nodes } from './nodes.ts';
import type { Names } from './subjects.ts';

export interface Colleague {
  /** Of one run of a node. */
  readonly id: string;
  readonly name: string;
}

export interface ColleaguesOptions {
  readonly connection: NatsConnection;
  readonly names: Names;
  /** The id of this node. */
  readonly self: string;
  readonly nodes: Nodes;
  /** Answers a question of another node. Never rejects. */
  asked(question: string, reply: (answer: string) => void): Promise<void>;
}

export class Colleagues {
  readonly self: Colleague;
  readonly #nodes: Nodes;
  readonly #asking: Asking;
  readonly #feed: EventFeed;

  constructor({ connection, names, self, nodes, asked }: ColleaguesOptions) {
    this.self = colleagueOf(self);
    this.#nodes = nodes;
    this.#asking = new Asking({ connection, subject: names.questions, self, others: () => nodes.names, asked });
    this.#feed = new EventFeed(connection, names.events, self);
  }

  get isWatched(): boolean {
    return this.#nodes.isWatched;
  }

  /** Resolves with those that did not answer to the end. Never rejects. */
  async ask(
    question: string,
    whom: Colleague | undefined,
    answered: (from: Colleague, answer: string) => void,
  ): Promise<Colleague[]> {
    const silent = await this.#asking.ask(question, whom?.id, (id, answer) => answered(colleagueOf(id), answer));
    return silent.map(colleagueOf);
  }

  /** A line, newline included. It may be lost. */
  tell(event: string): void {
    this.#feed.tell(event);
  }

  /** Tells what the others tell, until what it returns is called. */
  watch(told: (from: Colleague, events: string) => void): () => void {
    const end = this.#feed.follow((id, events) => told(colleagueOf(id), events));
    this.#nodes.watch(true);
    return () => {
      this.#nodes.watch(false);
      end();
    };
  }
}

/** A node's id is its name, and what tells one run from another. */
function colleagueOf(id: string): Colleague {
  return { id, name: id.slice(0, id.lastIndexOf('/')) };
}
