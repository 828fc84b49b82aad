// Every limit of the server: its name, its reason, its default. Checked elsewhere, always before bytes are kept.

export interface ServerLimits {
  /** Connections at once. */
  readonly clients: number;
  /** Connections at once of one address; loopback is exempt. */
  readonly clientsPerAddress: number;
  /** Connections at once of one address that are not clients yet, or requests of it under way; loopback is exempt. */
  readonly waitingPerAddress: number;
  /** Connections of one address that are kept without a request; nobody is exempt: to connect anew costs little. */
  readonly idlePerAddress: number;
  /** Rooms whose logs are open. */
  readonly openRooms: number;
  /** Rooms on the disk, open or not: each is a folder that stays. */
  readonly storedRooms: number;
  /** Rooms made by one address in an hour; loopback is exempt. */
  readonly roomsPerHour: number;
  /** Work of one address a second (see WORK), and at once after a pause; loopback is exempt. 0: no limit. */
  readonly rate: number;
  readonly burst: number;
  /**
   * Bytes of logs that are read for one address a second, and at once after a pause; loopback is exempt. A second of it
   * is a twentieth of a second's work of one core; after a pause a room of 200 MiB comes without a wait, five times.
   */
  readonly replay: number;
  readonly replayBurst: number;
  /** Bytes that one address may add to logs in an hour; loopback is exempt. 0: no limit. */
  readonly hourlyBytes: number;
  /** Bytes of one room's log, and of all logs together. 0: no limit. */
  readonly roomSize: number;
  readonly dataSize: number;
  /** Bytes of the disk that are left free for others. Undefined: 1 GiB, or 5 % of the disk where that is less. */
  readonly minFree: number | undefined;
  /** Bytes that a member's socket may hold before it is served from the log again. */
  readonly output: number;
  /**
   * Bytes of memory that lines may take while they wait for their sync, in all rooms together. A room's speakers are not
   * read while more than an eighth of what is left waits there: else a disk that stands still would fill the memory.
   */
  readonly unsynced: number;
  /** Pings and pongs of one connection that are read in a second, on average; nobody is exempt: no script sends them. */
  readonly controlFrames: number;
  /** Milliseconds, here and below. A join must come within this. */
  readonly join: number;
  /** The headers of a request must come within this; before them, with TLS, so must the handshake. */
  readonly headers: number;
  /** A connection is kept without a request for this long. */
  readonly idleConnection: number;
  /** An answer of which the peer takes nothing for so long is given up. */
  readonly stalledAnswer: number;
  /** Silence after which a peer is pinged, and the time that it has to show life then. */
  readonly ping: number;
  readonly pong: number;
  /** How long a dropped member may stay away without being announced as gone. */
  readonly absence: number;
  /** A room without members is closed after this; it stays on disk. */
  readonly idleRoom: number;
  /** A graceful stop takes at most this. */
  readonly shutdown: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  clients: 10_000,
  clientsPerAddress: 256,
  waitingPerAddress: 64,
  idlePerAddress: 8,
  openRooms: 10_000,
  storedRooms: 100_000,
  roomsPerHour: 60,
  rate: 200,
  burst: 2_000,
  replay: 64 * 1024 * 1024,
  replayBurst: 1024 * 1024 * 1024,
  hourlyBytes: 100 * 1024 * 1024,
  roomSize: 0,
  dataSize: 0,
  minFree: undefined,
  output: 256 * 1024,
  unsynced: 8 * 1024 * 1024,
  controlFrames: 20,
  join: 10_000,
  headers: 10_000,
  idleConnection: 5_000,
  stalledAnswer: 30_000,
  ping: 25_000,
  pong: 10_000,
  absence: 10_000,
  idleRoom: 30_000,
  shutdown: 8_000,
};

/**
 * What is charged to an address, in units of work: one is a message that comes in a frame of its own, some 20 µs. A frame
 * costs a unit for each KiB it inflates to, one at least, which covers its first line.
 */
export const WORK = {
  /** The handshake, and all that a connection sets up. */
  connection: 5,
  /** Bytes of a frame for one unit. */
  frameBytes: 1024,
  /** Each line of a frame after its first, blank or not. */
  line: 1,
  /** A ping or a pong. */
  control: 1,
  /** Beside their lines: what others in the room have to be told, and what is looked up. */
  join: 5,
  nick: 4,
  /** What an owner does is written down, and may be told to everybody. */
  ownerCommand: 20,
  /** Members in an answer to `who` for one unit. */
  membersListed: 16,
} as const;

/** A replay to a client that takes compressed frames is charged as so many times its bytes: deflating takes that long. */
export const COMPRESSED_REPLAY = 4;
