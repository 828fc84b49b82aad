// Looks at every connection once a second: ends those that never join, pings the silent ones, ends the dead. One timer
// for all, so that an idle connection costs none.

import { ProtocolError } from '../../protocol/index.ts';
import type { Clock, Timer } from '../common/clock.ts';
import type { ServerLimits } from '../common/limits.ts';
import type { Session } from './session.ts';

const EVERY_MS = 1_000;
/** A beat that is later than this tells of a server that stood still, and did not read what had arrived. */
const LATE_MS = 100;
/** What a peer that never joined has to answer the Close frame: whoever is silent would use all that others are given. */
const GOODBYE_MS = 500;

/** A session, as far as its life is watched. */
export type Watched = Pick<Session, 'state' | 'life' | 'isHeldBack' | 'fail' | 'drop'> & {
  readonly socket: Pick<Session['socket'], 'bytesReceived' | 'bufferedBytes' | 'ping'>;
};

export class Heartbeat {
  #timer: Timer | undefined;
  #isStopped = false;
  /** When peers that are not read were last shown that the server is there. */
  #greetedAt: number;
  readonly #clock: Clock;
  readonly #limits: ServerLimits;
  readonly #sessions: Iterable<Watched>;
  /** Other things to be looked at as often. */
  readonly #also: () => void;

  constructor(clock: Clock, limits: ServerLimits, sessions: Iterable<Watched>, also: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#sessions = sessions;
    this.#also = also;
    this.#greetedAt = clock.monotonic();
  }

  start(): void {
    const due = this.#clock.monotonic() + EVERY_MS;
    this.#timer = this.#clock.after(EVERY_MS, () => {
      // Whoever has sent something in time is not to be ended because nobody has read it.
      this.#clock.afterInput(() => {
        if (this.#isStopped) return;
        const late = this.#clock.monotonic() - due;
        this.#beat(late > LATE_MS ? late : 0);
        this.start();
      });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** `late`: milliseconds for which the server stood still, which count against nobody. */
  #beat(late: number): void {
    const now = this.#clock.monotonic();
    const greets = now - this.#greetedAt >= this.#limits.ping;
    if (greets) this.#greetedAt = now;
    for (const session of this.#sessions) {
      if (late > 0) session.life.shift(late);
      // It takes a server that it does not hear of for a lost connection.
      if (greets && session.isHeldBack) session.socket.ping();
      if (session.state.kind === 'waiting' && now >= session.life.joinBy && !session.isHeldBack) {
        session.fail(new ProtocolError('join_timeout', 'No join came within 10 seconds.'));
        this.#clock.after(GOODBYE_MS, () => session.drop());
      } else {
        this.#check(session, now);
      }
    }
    this.#also();
  }

  /** Any byte received and any output drained is life. While the server does not read the peer, its clock stands still. */
  #check(session: Watched, now: number): void {
    const { socket, life } = session;
    const { bytesReceived, bufferedBytes } = socket;
    if (bytesReceived !== life.seenReceived || bufferedBytes < life.seenBuffered || session.isHeldBack) {
      life.aliveAt = now;
      life.pingedAt = undefined;
    }
    life.seenReceived = bytesReceived;
    life.seenBuffered = bufferedBytes;
    if (life.pingedAt !== undefined) {
      if (now - life.pingedAt >= this.#limits.pong) session.drop();
    } else if (now - life.aliveAt >= this.#limits.ping) {
      life.pingedAt = now;
      socket.ping();
    }
  }
}
