// What holds in a room besides who may come in: who may speak when, and who is an owner. Decides from what its log keeps of
// it, as that is now, and remembers who has spoken lately. Knows no connections: addresses come to it as texts.

import type { ReadableLog, RoomRules } from '../../log/index.ts';
import { durationText, ProtocolError, type Settings } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import { keepLast } from '../common/recent.ts';
import type { Member } from './member.ts';

/** Of slow mode, ids and networks whose last message is remembered: a bound on memory. */
const MOST_REMEMBERED = 10_000;

export class Rules {
  /** When an id, or a network, has spoken last: monotonic milliseconds. */
  readonly #spokeAt = new Map<string, number>();
  readonly #log: Pick<ReadableLog, 'meta'>;
  readonly #clock: Clock;

  constructor(log: Pick<ReadableLog, 'meta'>, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** As the lines of the protocol tell them. */
  get settings(): Settings {
    return settingsOf(this.#log.meta.rules);
  }

  /** Whether it has given the key of the owners, as it is now. */
  isOwner({ owners }: Pick<Member, 'owners'>): boolean {
    return owners !== undefined && owners === (this.#log.meta.rules?.owners ?? 0);
  }

  /**
   * Whether somebody may speak now. `network` is where it comes from, undefined for this machine. Throws ProtocolError
   * `muted`, `readonly` and `slow`, with the time that is left.
   */
  check(author: Member, network: string | undefined, ref: string | undefined): void {
    const { rules } = this.#log.meta;
    if (rules === undefined || this.isOwner(author)) return;
    const now = this.#clock.now();
    for (const mute of rules.mutes ?? []) {
      const isMuted = mute.id === author.id || (network !== undefined && mute.network === network);
      if (!isMuted || mute.until <= now) continue;
      throw new ProtocolError(
        'muted',
        `You are muted in this room: you can write again in ${durationText(mute.until - now)}.`,
        ref,
      );
    }
    if (rules.readonly) throw new ProtocolError('readonly', 'This room is read-only: only its owners can write.', ref);
    const wait = this.#waitOf(author.id, network, rules.slow ?? 0);
    if (wait > 0) {
      const message = `This room is in slow mode: you can write again in ${durationText(wait)}.`;
      throw new ProtocolError('slow', message, ref, Math.ceil(wait / 1000));
    }
  }

  /** Somebody has spoken. */
  spoke(author: Member, network: string | undefined): void {
    const { slow } = this.#log.meta.rules ?? {};
    if (slow === undefined || this.isOwner(author)) return;
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#spokeAt) {
      if (now - at < slow * 1000) break;
      this.#spokeAt.delete(key);
    }
    keepLast(this.#spokeAt, author.id, now, MOST_REMEMBERED);
    if (network !== undefined) keepLast(this.#spokeAt, network, now, MOST_REMEMBERED);
  }

  /** Milliseconds. */
  #waitOf(id: string, network: string | undefined, slow: number): number {
    if (slow === 0) return 0;
    const spokeAt = [this.#spokeAt.get(id), network === undefined ? undefined : this.#spokeAt.get(network)];
    const last = Math.max(...spokeAt.map((at) => at ?? Number.NEGATIVE_INFINITY));
    return Math.max(0, last + slow * 1000 - this.#clock.monotonic());
  }
}

/** What of the rules the lines of the protocol tell. */
export function settingsOf({ topic, readonly, slow }: RoomRules = {}): Settings {
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(readonly === undefined ? {} : { readonly }),
    ...(slow === undefined ? {} : { slow }),
  };
}
