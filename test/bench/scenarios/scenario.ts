// What is measured, of whom, and what is to be reached. Several rounds are made in turn; of each figure the best counts.
import type { Figure, Figures } from '../load/job.ts';
import { bun, uWebSockets, ws } from '../peers/other.ts';
import { isInstalled, PACKAGES } from '../peers/packages.ts';
import type { Peer, RunningPeer, StartOptions } from '../peers/peer.ts';
import { roomchat } from '../peers/roomchat.ts';

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** The first is ours; the targets are ratios to others. */
  readonly contenders: readonly Contender[];
  readonly targets: readonly Target[];
}

export interface Contender {
  readonly name: string;
  /** Undefined for one that is always there. */
  readonly isThere?: () => boolean;
  /** `quick`: a short look instead of a measurement. */
  measure(quick: boolean): Promise<Figures>;
}

/** Our figure (that of `whose` where several are ours) is to be at most (a rate: at least) so much, times another's where one is named. */
export interface Target {
  readonly whose?: string;
  readonly figure: Figure;
  readonly times: number;
  readonly of?: string;
}

/** A contender that is a server: started for each measurement, and stopped after it. */
export function server(
  peer: Peer,
  measure: (running: RunningPeer, quick: boolean) => Promise<Figures>,
  options: StartOptions = {},
): Contender {
  return {
    name: peer.name,
    ...(peer === uWebSockets ? { isThere: () => isInstalled(PACKAGES.uWebSockets) } : {}),
    ...(peer === bun ? { isThere: () => isInstalled(PACKAGES.bun) } : {}),
    async measure(quick) {
      const running = await peer.start(options);
      try {
        return await measure(running, quick);
      } finally {
        await running.stop();
      }
    },
  };
}

export const ALL_PEERS: readonly Peer[] = [roomchat, ws, uWebSockets, bun];
