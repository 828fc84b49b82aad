// The members of a room that are connected to other servers: who they are, and which nicks they have. Nobody here writes to
// them.

import { foldNick } from '../../protocol/index.ts';
import type { Person } from './neighbours.ts';

export interface PersonElsewhere extends Person {
  readonly foldedNick: string;
  readonly server: string;
}

export class PeopleElsewhere {
  readonly #byId = new Map<string, PersonElsewhere>();
  readonly #byNick = new Map<string, PersonElsewhere>();

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): Iterator<PersonElsewhere> {
    return this.#byId.values();
  }

  get(id: string): PersonElsewhere | undefined {
    return this.#byId.get(id);
  }

  /** Who has this nick. */
  holderOf(foldedNick: string): PersonElsewhere | undefined {
    return this.#byNick.get(foldedNick);
  }

  set(server: string, { id, nick }: Person): PersonElsewhere {
    this.delete(id);
    const person = { id, nick, foldedNick: foldNick(nick), server };
    this.#byId.set(id, person);
    this.#byNick.set(person.foldedNick, person);
    return person;
  }

  delete(id: string): void {
    const person = this.#byId.get(id);
    if (person === undefined) return;
    this.#byId.delete(id);
    if (this.#byNick.get(person.foldedNick) === person) this.#byNick.delete(person.foldedNick);
  }

  /** Those at one server. */
  at(server: string): PersonElsewhere[] {
    return [...this.#byId.values()].filter((person) => person.server === server);
  }
}
