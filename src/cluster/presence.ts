// Who is in a room at which node: every node tells the others of its own members, in numbered messages. Whoever opens the room,
// or misses a number, asks for all of them.

import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Names } from './subjects.ts';

/** The shapes of the server's neighbours, which this layer does not import. */
export interface Person {
  readonly id: string;
  readonly nick: string;
}

export type Leaving = 'announce' | 'await' | 'silently';

export interface Home {
  people(): Iterable<Person>;
  enteredElsewhere(server: string, person: Person, announce: boolean): void;
  leftElsewhere(server: string, id: string, how: Leaving): void;
  renamedElsewhere(server: string, person: Person, was: string, at: number): void;
  foundElsewhere(server: string, people: readonly Person[], announce: boolean): void;
  lostElsewhere(server: string): void;
}

type News =
  | { readonly kind: 'entered'; readonly person: Person; readonly announce: boolean }
  | { readonly kind: 'left'; readonly id: string; readonly how: Leaving }
  | { readonly kind: 'renamed'; readonly person: Person; readonly was: string; readonly at: number }
  | { readonly kind: 'all'; readonly part: number; readonly isLast: boolean; readonly people: readonly Person[] }
  /** This node does not have the room open. */
  | { readonly kind: 'none' }
  /** Of one node, or of every one. */
  | { readonly kind: 'ask'; readonly whom: string | undefined };

type Told = News & { readonly node: string; readonly number: number };

/** So many fit into one message, whatever their nicks. */
const PART = 2_000;
/** Whoever has missed something asks at most so often. */
const ASK_EVERY_MS = 500;
/** Whoever is let into a room waits at most so long for what the other nodes tell of it. */
const KNOWN_MS = 1_000;

/** A room that a node has just opened. */
interface Opened {
  readonly room: string;
  readonly node: string;
}

export interface RoomPresenceOptions {
  readonly connection: NatsConnection;
  readonly room: string;
  readonly names: Names;
  /** This node, and this run of it. */
  readonly self: string;
  /** The other nodes that are there. */
  readonly nodes: Iterable<string>;
  readonly home: Home;
  closed(): void;
}

/** Says of the rooms that are not open here that nobody is in them: a node that opens one waits for no answer then. */
export function answerForClosedRooms(
  connection: NatsConnection,
  names: Names,
  self: string,
  isOpen: (room: string) => boolean,
): void {
  connection.subscribe(names.rosters, {
    callback: (_, message) => {
      const { room, node } = message.json<Opened>();
      if (node === self || isOpen(room)) return;
      connection.publish(names.presence(room), JSON.stringify({ kind: 'none', node: self, number: 0 } satisfies Told));
    },
  });
}

export class RoomPresence {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #self: string;
  readonly #home: Home;
  readonly #subscription: Subscription;
  readonly #closed: () => void;
  /** The number of each node's last message. */
  readonly #heard = new Map<string, number>();
  readonly #parts = new Map<string, Person[]>();
  readonly #askedAt = new Map<string, number>();
  #number = 0;
  /** Resolves once every node has told who is in the room there, or is late. */
  readonly known: Promise<void>;
  /** The nodes that have not told yet. */
  readonly #unheard: Set<string>;
  #isKnown: () => void = () => {};
  #knownTimer: NodeJS.Timeout | undefined;

  constructor({ connection, room, names, self, nodes, home, closed }: RoomPresenceOptions) {
    this.#connection = connection;
    this.#subject = names.presence(room);
    this.#self = self;
    this.#home = home;
    this.#closed = closed;
    this.#unheard = new Set(nodes);
    this.#subscription = connection.subscribe(this.#subject, {
      callback: (_, message) => {
        const told = message.json<Told>();
        if (told.node !== self) this.#hear(told);
      },
    });
    this.known = new Promise((resolve) => {
      this.#isKnown = resolve;
      this.#knownTimer = setTimeout(resolve, KNOWN_MS);
    });
    this.#tell({ kind: 'ask', whom: undefined });
    connection.publish(names.rosters, JSON.stringify({ room, node: self } satisfies Opened));
    this.#heardAll();
  }

  entered(person: Person, announce: boolean): void {
    this.#tell({ kind: 'entered', person: { id: person.id, nick: person.nick }, announce });
  }

  left(id: string, how: Leaving): void {
    this.#tell({ kind: 'left', id, how });
  }

  renamed(person: Person, was: string, at: number): void {
    this.#tell({ kind: 'renamed', person: { id: person.id, nick: person.nick }, was, at });
  }

  /** A node has come back, or is new. */
  found(node: string): void {
    this.#ask(node);
  }

  lost(node: string): void {
    this.#heard.delete(node);
    this.#answered(node);
    this.#home.lostElsewhere(node);
  }

  /** Asks everybody: what was told meanwhile was not heard. */
  askAll(): void {
    this.#tell({ kind: 'ask', whom: undefined });
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#unheard.clear();
    this.#heardAll();
    this.#closed();
  }

  #hear(told: Told): void {
    const { node, number } = told;
    if (told.kind === 'none') {
      this.#answered(node);
      return;
    }
    if (told.kind === 'ask') {
      if (told.whom === undefined || told.whom === this.#self) this.#tellAll();
      this.#count(node, number);
      return;
    }
    if (told.kind === 'all') {
      this.#take(node, number, told);
      return;
    }
    if (!this.#count(node, number)) return;
    if (told.kind === 'entered') this.#home.enteredElsewhere(node, told.person, told.announce);
    else if (told.kind === 'left') this.#home.leftElsewhere(node, told.id, told.how);
    else this.#home.renamedElsewhere(node, told.person, told.was, told.at);
  }

  /** Whether nothing of this node was missed; else it is asked for all. */
  #count(node: string, number: number): boolean {
    const last = this.#heard.get(node);
    if (last !== undefined && number === last + 1) {
      this.#heard.set(node, number);
      return true;
    }
    if (number !== 1 || last !== undefined) {
      this.#ask(node);
      return false;
    }
    this.#heard.set(node, number);
    return true;
  }

  #take(node: string, number: number, { part, isLast, people }: News & { kind: 'all' }): void {
    const all = part === 0 ? [] : this.#parts.get(node);
    if (all === undefined) return;
    all.push(...people);
    const isFirst = !this.#heard.has(node);
    if (isLast) this.#heard.set(node, number);
    if (!isLast) {
      this.#parts.set(node, all);
      return;
    }
    this.#parts.delete(node);
    // Those who were there before this node looked have not come just now.
    this.#home.foundElsewhere(node, all, !isFirst);
    this.#answered(node);
  }

  #answered(node: string): void {
    if (this.#unheard.delete(node)) this.#heardAll();
  }

  #heardAll(): void {
    if (this.#unheard.size > 0) return;
    clearTimeout(this.#knownTimer);
    this.#isKnown();
  }

  #ask(node: string): void {
    const now = performance.now();
    if (now - (this.#askedAt.get(node) ?? Number.NEGATIVE_INFINITY) < ASK_EVERY_MS) return;
    this.#askedAt.set(node, now);
    this.#tell({ kind: 'ask', whom: node });
  }

  #tellAll(): void {
    const people = [...this.#home.people()].map(({ id, nick }) => ({ id, nick }));
    let part = 0;
    do {
      const some = people.splice(0, PART);
      this.#tell({ kind: 'all', part, isLast: people.length === 0, people: some });
      part++;
    } while (people.length > 0);
  }

  #tell(news: News): void {
    if (this.#connection.isClosed()) return;
    const told: Told = { ...news, node: this.#self, number: ++this.#number };
    this.#connection.publish(this.#subject, JSON.stringify(told));
  }
}
