// Every limit of the server: its name, its reason, its default. Checked elsewhere, always before bytes are kept.

export interface ServerLimits {
  /** Connections at once. */
  readonly clients: number;
  /** Connections at once of one address; loopback is exempt. */
  readonly clientsPerAddress: number;
  /** Rooms whose logs are open. */
  readonly openRooms: number;
  /** Rooms made by one address in an hour; loopback is exempt. */
  readonly roomsPerHour: number;
  /** Commands of one connection a second, and at once after a pause; loopback is exempt. 0: no limit. */
  readonly rate: number;
  readonly burst: number;
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
  /** The headers of a request must come within this. */
  readonly headers: number;
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
  openRooms: 10_000,
  roomsPerHour: 60,
  rate: 200,
  burst: 2_000,
  output: 256 * 1024,
  unsynced: 8 * 1024 * 1024,
  controlFrames: 20,
  join: 10_000,
  headers: 10_000,
  ping: 25_000,
  pong: 10_000,
  absence: 10_000,
  idleRoom: 30_000,
  shutdown: 8_000,
};
