// What nodes ask one another: a question goes to all of them or to one, and each answers in parts, the last of which says so.
// While one is at work, it says that it still is: silence means that nobody is there.

import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** A node that has said nothing for so long does not answer. */
const SILENT_MS = 4_000;
const STILL_THERE_MS = 1_000;
/** Of the answers in one message: it stays below the bound on a message whatever they hold. */
const PART_CHARACTERS = 64 * 1024;

interface Asked {
  /** Undefined: every node. */
  readonly whom: string | undefined;
  readonly question: string;
}

interface Part {
  readonly node: string;
  readonly answers: readonly string[];
  readonly isLast: boolean;
}

export interface AskingOptions {
  readonly connection: NatsConnection;
  readonly subject: string;
  /** This node, and this run of it. */
  readonly self: string;
  /** The other nodes that are there. */
  others(): Iterable<string>;
  /** Answers a question of another node. Never rejects. */
  asked(question: string, reply: (answer: string) => void): Promise<void>;
}

export class Asking {
  readonly #options: AskingOptions;
  /** Its own questions come back to a node: they are known by where the answers go. */
  readonly #inboxPrefix = `${createInbox()}.`;
  #questions = 0;

  constructor(options: AskingOptions) {
    this.#options = options;
    options.connection.subscribe(options.subject, {
      callback: (_, message) => {
        const { whom, question } = message.json<Asked>();
        const isMeant = whom === undefined ? !message.reply?.startsWith(this.#inboxPrefix) : whom === options.self;
        if (isMeant) this.#answer(question, message).catch(() => {});
      },
    });
  }

  /** Resolves with the nodes that did not answer to the end. Never rejects. */
  async ask(
    question: string,
    whom: string | undefined,
    answered: (node: string, answer: string) => void,
  ): Promise<string[]> {
    const { connection, subject, others } = this.#options;
    /** When each was heard of last. */
    const waiting = new Map<string, number>();
    const began = performance.now();
    for (const node of whom === undefined ? others() : [whom]) waiting.set(node, began);
    if (waiting.size === 0) return [];
    if (connection.isClosed()) return [...waiting.keys()];
    const inbox = `${this.#inboxPrefix}${++this.#questions}`;
    return await new Promise((resolve) => {
      const end = () => {
        clearInterval(timer);
        subscription.unsubscribe();
        resolve([...waiting.keys()]);
      };
      const timer = setInterval(() => {
        const now = performance.now();
        if ([...waiting.values()].every((heardAt) => now - heardAt > SILENT_MS)) end();
      }, STILL_THERE_MS);
      const subscription = connection.subscribe(inbox, {
        callback: (error, message) => {
          if (error) return;
          const { node, answers, isLast } = message.json<Part>();
          if (!waiting.has(node)) return;
          for (const answer of answers) answered(node, answer);
          if (isLast) waiting.delete(node);
          else waiting.set(node, performance.now());
          if (waiting.size === 0) end();
        },
      });
      connection.publish(subject, JSON.stringify({ whom, question } satisfies Asked), { reply: inbox });
    });
  }

  async #answer(question: string, to: Msg): Promise<void> {
    const { connection, self, asked } = this.#options;
    let answers: string[] = [];
    let characters = 0;
    const send = (isLast: boolean) => {
      if (connection.isClosed()) return;
      to.respond(JSON.stringify({ node: self, answers, isLast } satisfies Part));
      answers = [];
      characters = 0;
    };
    const stillThere = setInterval(() => send(false), STILL_THERE_MS);
    try {
      await asked(question, (answer) => {
        answers.push(answer);
        characters += answer.length;
        if (characters >= PART_CHARACTERS) send(false);
      });
    } finally {
      clearInterval(stillThere);
      send(true);
    }
  }
}
