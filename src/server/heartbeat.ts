// Looks at every connection once a second: ends those that never join, pings the silent ones, ends the dead. One timer
// for all, so that an idle connection costs none.

import { ProtocolError } from '../protocol/index.ts';
import type { Clock, Timer } from './clock.ts';
import type { ServerLimits } from './limits.ts';
import type { Session } from './session.ts';

const EVERY_MS = 1_000;
/** What a peer that never joined has to answer the Close frame: whoever is silent would use all that others are given. */
const GOODBYE_MS = 500;

/** A session, as far as its life is watched. */
export type Watched = Pick<
  Session,
  'state' | 'joinBy' | 'isHeldBack' | 'seenReceived' | 'seenBuffered' | 'aliveAt' | 'pingedAt' | 'fail' | 'drop'
> & { readonly socket: Pick<Session['socket'], 'bytesReceived' | 'bufferedBytes' | 'ping'> };

export class Heartbeat {
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: ServerLimits,
    private readonly sessions: Iterable<Watched>,
    /** Other things to be looked at as often. */
    private readonly also: () => void,
  ) {}

  start(): void {
    this.timer = this.clock.after(EVERY_MS, () => {
      this.beat();
      this.start();
    });
  }

  stop(): void {
    this.timer?.cancel();
  }

  private beat(): void {
    const now = this.clock.monotonic();
    for (const session of this.sessions) {
      if (session.state.kind === 'waiting' && now >= session.joinBy && !session.isHeldBack) {
        session.fail(new ProtocolError('join_timeout', 'No join came within 10 seconds.'));
        this.clock.after(GOODBYE_MS, () => session.drop());
      } else {
        this.check(session, now);
      }
    }
    this.also();
  }

  /** Any byte received and any output drained is life. While the server does not read the peer, its clock stands still. */
  private check(session: Watched, now: number): void {
    const { socket } = session;
    const { bytesReceived, bufferedBytes } = socket;
    if (bytesReceived !== session.seenReceived || bufferedBytes < session.seenBuffered || session.isHeldBack) {
      session.aliveAt = now;
      session.pingedAt = undefined;
    }
    session.seenReceived = bytesReceived;
    session.seenBuffered = bufferedBytes;
    if (session.pingedAt !== undefined) {
      if (now - session.pingedAt >= this.limits.pong) session.drop();
    } else if (now - session.aliveAt >= this.limits.ping) {
      session.pingedAt = now;
      socket.ping();
    }
  }
}
