// The other servers of a cluster, as the control path speaks to them. A server of its own has none, and the same commands.

export interface OtherServer {
  /** Of one run of it. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
}

export interface Others {
  /** This server, as the others know it. */
  readonly self: OtherServer | undefined;
  /**
   * Asks all others, or one of them. `answered` is given each answer as it comes. Resolves when all have answered to the end,
   * with those that did not within a time. Never rejects.
   */
  ask(
    question: string,
    whom: OtherServer | undefined,
    answered: (from: OtherServer, answer: string) => void,
  ): Promise<readonly OtherServer[]>;
  /** Whether an admin at another server watches. */
  readonly isWatched: boolean;
  /** Tells those who watch elsewhere of an event here, a line of the control path. Some may be lost. */
  tell(event: string): void;
  /** Tells what others tell, until what it returns is called. */
  watch(told: (from: OtherServer, events: string) => void): () => void;
}

/** Of a server of its own. */
export const noOthers: Others = {
  self: undefined,
  ask: async () => [],
  isWatched: false,
  tell() {},
  watch: () => () => {},
};
