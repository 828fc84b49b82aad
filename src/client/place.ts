// How far a session has read a room's log: what a program keeps to read on from there when it is started again. Data alone.

export interface Place {
  /** The log that it is in. */
  readonly epoch: string;
  /** The last line that was read; 0 before the first. */
  readonly seq: number;
  /** When that line was said, in milliseconds since 1970: the server compares it, as its log may have been put back. */
  readonly at?: number | undefined;
}
