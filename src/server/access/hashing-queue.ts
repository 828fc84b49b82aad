// Who is hashed next, and who has to come back later. Hashing is bounded in number, because it shares the thread pool with
// the syncing of logs and takes 32 MiB each time. Whoever floods the queue must not keep the others out: ranks have places
// of their own, and within one nobody's room and nobody's network goes before those that were served longer ago.

import { ProtocolError } from '../../protocol/index.ts';
import { keepLast } from '../common/recent.ts';

/**
 * `proven`: gave the right password of this room before. `new`: nothing is known. `suspect`: guessed wrong a moment ago, or
 * has many neighbours who did.
 */
export type Rank = 'proven' | 'new' | 'suspect';

/** Somebody whose password is to be hashed. */
export interface Applicant {
  readonly rank: Rank;
  /** The room that it wants to enter; '' for those that make one. */
  readonly room: string;
  /** The widest network that its address is counted in. */
  readonly network: string;
  /** Whether it has left meanwhile: then nothing is hashed for it. */
  isGone(): boolean;
}

interface Waiting {
  readonly applicant: Applicant;
  readonly proceed: () => void;
  readonly turnAway: (error: ProtocolError) => void;
}

/** Of the four threads of the pool: two are left to the logs. */
const AT_ONCE = 2;
/** A hash takes a third of a second: who waits behind 64 is served in some ten. */
const PLACES: Readonly<Record<Rank, number>> = { proven: 16, new: 64, suspect: 16 };
/** Who goes first, turn by turn: mostly by rank, and everybody now and then, so that no flood of a rank starves another. */
const ROTA: readonly (readonly Rank[])[] = [
  ['proven', 'new', 'suspect'],
  ['proven', 'new', 'suspect'],
  ['new', 'proven', 'suspect'],
  ['proven', 'new', 'suspect'],
  ['proven', 'new', 'suspect'],
  ['proven', 'new', 'suspect'],
  ['new', 'proven', 'suspect'],
  ['suspect', 'proven', 'new'],
];
/** Rooms and networks whose last turn is remembered. */
const REMEMBERED = 1_000;

export class HashingQueue {
  #running = 0;
  #turns = 0;
  readonly #waiting: Readonly<Record<Rank, Waiting[]>> = { proven: [], new: [], suspect: [] };
  /** The last turn of each room and each network. */
  readonly #servedRooms = new Map<string, number>();
  readonly #servedNetworks = new Map<string, number>();

  /**
   * Runs `work` when it is this applicant's turn. Rejects with ProtocolError `overloaded` where too many wait already or
   * the applicant has left, else as the work does.
   */
  async run<T>(applicant: Applicant, work: () => Promise<T>): Promise<T> {
    await this.#enter(applicant);
    try {
      return await work();
    } finally {
      this.#proceed();
    }
  }

  async #enter(applicant: Applicant): Promise<void> {
    if (applicant.isGone()) throw overloaded();
    if (this.#running < AT_ONCE) {
      this.#running++;
      this.#served(applicant);
      return;
    }
    const rank = this.#waiting[applicant.rank];
    if (rank.length >= PLACES[applicant.rank]) {
      const surplus = indexOfSurplus(rank, applicant, 'room') ?? indexOfSurplus(rank, applicant, 'network');
      if (surplus === undefined) throw overloaded();
      for (const other of rank.splice(surplus, 1)) other.turnAway(overloaded());
    }
    await new Promise<void>((proceed, turnAway) => rank.push({ applicant, proceed, turnAway }));
  }

  /** Hands the place over: were it free for a moment, a third could slip in. */
  #proceed(): void {
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) {
      if (next.applicant.isGone()) {
        next.turnAway(overloaded());
        continue;
      }
      this.#served(next.applicant);
      next.proceed();
      return;
    }
    this.#running--;
  }

  #takeNext(): Waiting | undefined {
    const order = ROTA[this.#turns % ROTA.length] ?? [];
    const rank = order.map((name) => this.#waiting[name]).find((waiting) => waiting.length > 0);
    const next = rank?.reduce((best, other) => (this.#isBefore(other.applicant, best.applicant) ? other : best));
    if (rank !== undefined && next !== undefined) rank.splice(rank.indexOf(next), 1);
    return next;
  }

  /** Whether `later` is to be served before `earlier`, who came before it. */
  #isBefore(later: Applicant, earlier: Applicant): boolean {
    const rooms = turnOf(this.#servedRooms, later.room) - turnOf(this.#servedRooms, earlier.room);
    if (rooms !== 0) return rooms < 0;
    return turnOf(this.#servedNetworks, later.network) < turnOf(this.#servedNetworks, earlier.network);
  }

  #served({ room, network }: Applicant): void {
    this.#turns++;
    keepLast(this.#servedRooms, room, this.#turns, REMEMBERED);
    keepLast(this.#servedNetworks, network, this.#turns, REMEMBERED);
  }
}

function turnOf(served: ReadonlyMap<string, number>, key: string): number {
  return served.get(key) ?? 0;
}

/** The newest of those who share the room (or network) that most of the waiting have, if the applicant's has fewer by two. */
function indexOfSurplus(waiting: readonly Waiting[], applicant: Applicant, by: 'room' | 'network'): number | undefined {
  const counts = new Map<string, number>();
  for (const { applicant: other } of waiting) counts.set(other[by], (counts.get(other[by]) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (most < (counts.get(applicant[by]) ?? 0) + 2) return undefined;
  return waiting.findLastIndex(({ applicant: other }) => counts.get(other[by]) === most);
}

function overloaded(): ProtocolError {
  return new ProtocolError('overloaded', 'Too many passwords are being checked right now. Try again in a moment.');
}
