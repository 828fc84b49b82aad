// What a scenario knows of a server, ours or another. All speak the same lines: a join answered by a line "live", and
// messages that everybody in the room gets.
export interface Peer {
  readonly name: PeerName;
  start(options?: StartOptions): Promise<RunningPeer>;
}

export type PeerName = 'roomchat' | 'ws' | 'uWebSockets' | 'Bun' | 'bare Node' | 'pipe';

export interface StartOptions {
  /** For roomchat: a data directory with rooms in it, which is left there. */
  readonly data?: string;
  /** For roomchat: further flags of `serve`. */
  readonly flags?: readonly string[];
}

export interface RunningPeer {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}
