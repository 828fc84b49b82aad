// How a room's lines come into its log: the room hands over what was said, and learns of the batches that the log has taken.
// Numbers are given, and lines encoded, where the order is decided: here at once, or elsewhere and together with lines that
// others have said.
// Must never tell of a line that a reader of the log could not see.

/** A client, and how often it had connected before. */
export interface Attempt {
  readonly id: string;
  readonly attempt: number;
}

/** What is to be a line of the log. */
export interface NewLine {
  /**
   * The whole line, newline included, as it stands under this seq, not said before `notBefore` (milliseconds since 1970). The
   * encoding of the last call is the one that counts.
   */
  encode(seq: number, notBefore: number): string;
  /** The client that says it, and which of its attempts; undefined for the server. A later attempt may end what waits. */
  readonly author: Attempt | undefined;
}

/** Lines that the log has taken in one piece. */
export interface Batch {
  /** So many of the oldest lines that were handed over and not yet answered; 0 where others have said them. */
  readonly own: number;
  /** The lines, behind the headroom that was asked for. */
  readonly buffer: Buffer;
  /** Where it lies in the log: bytes. */
  readonly start: number;
  readonly end: number;
  /** Of its last line. */
  readonly lastSeq: number;
}

/** Whoever hands lines over. Each of them is answered once: committed, lost or dropped. */
export interface LedgerOwner {
  /** Batches in their order. The log can be read to the end of the last of them already. */
  committed(batches: readonly Batch[]): void;
  /** The oldest lines are not in the log, or, with UncertainAppendError, that is not known. */
  lost(count: number, error: Error): void;
  /** These are not in the log, and never will be: their client has come back elsewhere. */
  dropped(lines: ReadonlySet<NewLine>): void;
  /** This client has come back with a later attempt, here or elsewhere: an earlier one of it has ended. */
  overtaken(client: Attempt): void;
  /** Whether what was handed over takes longer than it should: no more should come. */
  late(isLate: boolean): void;
  /** The log has more of the lines that were said before it was opened here, or, where it is whole by now, all of them. */
  grew(): void;
}

export interface Ledger {
  /** Whether the log has all that was said before it was opened: it can be read while it is still being fetched. */
  readonly isWhole: boolean;
  /** Hands over lines, oldest first. They may be answered before this returns. */
  append(lines: readonly NewLine[]): void;
  /**
   * Resolves once nothing that an earlier attempt of this client said anywhere can come into the log any more, and all of it
   * that is there can be read. Rejects with OvertakenError where a later attempt was first.
   */
  fence(client: Attempt): Promise<void>;
  /** Whether a later attempt has had its fence: what an earlier one was promised by its own no longer holds. */
  isOvertaken(client: Attempt): boolean;
  /** Resolves once all that was in the log, wherever it was said, can be read here. */
  catchUp(): Promise<void>;
}
