// The same room at other servers: what they are told of the members that are here, and what they tell of theirs.

export interface Person {
  readonly id: string;
  readonly nick: string;
}

/** How a member has left: for good; dropped, so that it may resume; or it has resumed already. */
export type Leaving = 'announce' | 'await' | 'silently';

/** What the other servers are told. */
export interface Neighbours {
  /** Resolves once it is known who is in the room elsewhere, or nobody tells in time. */
  readonly known: Promise<void>;
  /** `announce` is false for one that resumes soon enough. */
  entered(person: Person, announce: boolean): void;
  left(id: string, how: Leaving): void;
  /** `at`: milliseconds since 1970. */
  renamed(person: Person, was: string, at: number): void;
  close(): void;
}

/** What they tell, and ask. `server` is the other server's name. */
export interface Home {
  people(): Iterable<Person>;
  enteredElsewhere(server: string, person: Person, announce: boolean): void;
  leftElsewhere(server: string, id: string, how: Leaving): void;
  renamedElsewhere(server: string, person: Person, was: string, at: number): void;
  /** All that are there now; `announce` is false where nothing was known of them. */
  foundElsewhere(server: string, people: readonly Person[], announce: boolean): void;
  /** That server is not heard of any more. */
  lostElsewhere(server: string): void;
}

/** Makes the neighbours of a room. */
export type Neighbourhood = (room: string, home: Home) => Neighbours;

/** A server of its own. */
export const alone: Neighbourhood = () => ({
  known: Promise.resolve(),
  entered() {},
  left() {},
  renamed() {},
  close() {},
});
