// Which of a room's servers is dialled next: the one after the server that is gone, at once, until each has had its turn;
// then the round is over. Several servers are nodes of one cluster, so that a session goes on at any of them. Never dials,
// and never waits.

import type { SessionEnd } from './observer.ts';
import type { Dial } from './socket.ts';

/** A server among others. */
export interface NamedServer {
  /** What a person knows it by. */
  readonly name: string;
  readonly dial: Dial;
}

export interface RoundEnd {
  /** Why no server could be dialled; undefined where one could, whatever became of the connection. */
  readonly failure: SessionEnd | undefined;
}

/** The servers that one session dials, in their order. */
export interface Servers {
  /** The one whose turn it is; it has a name where there are others. */
  readonly current: { readonly name?: string; readonly dial: Dial };
  /** Each has its turn again, beginning with the current one. */
  startRound(): void;
  /**
   * The current one is gone, or could not be dialled, which `failure` says; the next one is the current one from here on.
   * Undefined: that has not had its turn in this round.
   */
  endTurn(failure: SessionEnd | undefined): RoundEnd | undefined;
}

/** One server: each turn is a round. */
export function onlyServer(dial: Dial): Servers {
  return { current: { dial }, startRound() {}, endTurn: (failure) => ({ failure }) };
}

interface Turn {
  readonly server: NamedServer;
  /** Undefined where the server was there. */
  readonly failure: SessionEnd | undefined;
}

export class Rotation implements Servers {
  readonly #servers: readonly NamedServer[];
  #at = 0;
  /** Those that are over, of this round. */
  #turns: Turn[] = [];

  constructor(servers: readonly NamedServer[]) {
    this.#servers = servers;
  }

  get current(): NamedServer {
    const server = this.#servers[this.#at];
    if (server === undefined) throw new RangeError('There is no server.');
    return server;
  }

  startRound(): void {
    this.#turns = [];
  }

  endTurn(failure: SessionEnd | undefined): RoundEnd | undefined {
    this.#turns.push({ server: this.current, failure });
    this.#at = (this.#at + 1) % this.#servers.length;
    if (this.#turns.length < this.#servers.length) return undefined;
    const turns = this.#turns;
    this.startRound();
    return { failure: failureOf(turns) };
  }
}

function failureOf(turns: readonly Turn[]): SessionEnd | undefined {
  const failures = turns.flatMap(({ server, failure }) => (failure === undefined ? [] : [{ server, failure }]));
  if (failures.length < turns.length) return undefined;
  const [kind = 'unreachable', ...others] = new Set(failures.map(({ failure }) => failure.kind));
  const reasons = failures.map(({ server, failure }) => `${server.name}: ${failure.message}`);
  return {
    kind: others.length === 0 ? kind : 'unreachable',
    message: `None of the ${failures.length} servers can be joined. ${reasons.join(' ')}`,
  };
}
