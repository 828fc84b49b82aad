// What a load generator is told and what it answers: one line of JSON each way.

export type Job = TalkJob | JoinJob | IdleJob | StormJob | RushJob | ReadJob | ReplaysJob | AppendJob;

interface ServerAtHand {
  readonly port: number;
  readonly pid: number;
}

/** Rooms in which some members talk and all listen. */
export interface TalkJob extends ServerAtHand {
  readonly kind: 'talk';
  readonly rooms: number;
  readonly members: number;
  /** Of each room. */
  readonly senders: number;
  /** Messages that a sender has under way at once; or, with `perSecond`, nothing is waited for. */
  readonly window: number;
  /** Messages a second of all senders together; undefined: as many as the window lets through. */
  readonly perSecond?: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Connections that come and go. */
export interface JoinJob extends ServerAtHand {
  readonly kind: 'join';
  readonly connections: number;
  /** Whether they also join a room. */
  readonly joins: boolean;
}

/** Connections that stay and say nothing. */
export interface IdleJob extends ServerAtHand {
  readonly kind: 'idle';
  readonly connections: number;
  readonly rooms: number;
  readonly holdMs: number;
}

/** Connections that join one room one after the other. */
export interface StormJob extends ServerAtHand {
  readonly kind: 'storm';
  readonly clients: number;
}

/** Connections that come to many rooms in a rush, and stay. */
export interface RushJob extends ServerAtHand {
  readonly kind: 'rush';
  readonly connections: number;
  /** Whether they also join a room. */
  readonly joins: boolean;
  /** How long they say nothing before the memory is looked at; undefined: only CPU is. */
  readonly silenceMs: number | undefined;
}

/** Readers of one room from its beginning, some at a time. */
export interface ReplaysJob extends ServerAtHand {
  readonly kind: 'replays';
  readonly room: string;
  readonly joins: number;
  /** Whether they take compressed frames. */
  readonly compressed: boolean;
}

/** Readers of one long history, all at once. */
export interface ReadJob extends ServerAtHand {
  readonly kind: 'read';
  readonly readers: number;
  readonly room: string;
  /** What ends the reading: so many bytes each. */
  readonly bytes: number;
  /** Whether the server is a bare pipe, which is not spoken to. */
  readonly bare: boolean;
}

/** Lines that are appended to rooms of a cluster, each speaker's next one when the one before has its place. */
export interface AppendJob {
  readonly kind: 'append';
  /** URLs of nats-servers. */
  readonly servers: readonly string[];
  /**
   * - `cluster`: as a node does it.
   * - `plain`: each line is published to the room's subject, whatever came before, and acknowledged.
   * - `id`: the same, with an id by which JetStream tells what it has already.
   */
  readonly by: 'cluster' | 'plain' | 'id';
  readonly node: string;
  readonly rooms: number;
  /** Of each room. */
  readonly speakers: number;
  /** When all begin: milliseconds since 1970. */
  readonly startAt: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** By what they are called in the tables. CPU is the server's, in seconds; memory is in bytes. */
export type Figures = { readonly [name in Figure]?: number };

export type Figure =
  | 'cpuPerDelivery'
  | 'rate'
  | 'p50'
  | 'p99'
  | 'bytes'
  | 'peak'
  | 'cpu'
  | 'total'
  | 'seconds'
  | 'first'
  | 'longest'
  | 'frames'
  | 'wire';
