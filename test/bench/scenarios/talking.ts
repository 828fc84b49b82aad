// Rooms full of talk: a trickle before a large audience, one busy room, many small ones.
import { generate } from '../load/generator.ts';
import type { TalkJob } from '../load/job.ts';
import { bareNode } from '../peers/other.ts';
import type { Peer } from '../peers/peer.ts';
import { ALL_PEERS, type Scenario, server } from './scenario.ts';

type Talk = Pick<TalkJob, 'rooms' | 'members' | 'senders' | 'window' | 'perSecond'>;

function contenders(talk: Talk, peers: readonly Peer[] = ALL_PEERS) {
  return peers.map((peer) =>
    server(peer, ({ pid, port }, quick) => {
      const [warmUpMs, measureMs] = quick ? [500, 1_500] : [1_500, 5_000];
      return generate({ kind: 'talk', pid, port, warmUpMs, measureMs, ...talk });
    }),
  );
}

/** Where each delivery is a write for everybody, Node itself is the bound. */
const WITH_BARE_NODE = [...ALL_PEERS, bareNode];

export const trickle: Scenario = {
  name: 'trickle',
  about: '1 room, 1,000 listeners, 40 messages a second',
  contenders: contenders({ rooms: 1, members: 1_000, senders: 1, window: 1, perSecond: 40 }, WITH_BARE_NODE),
  targets: [
    { figure: 'cpuPerDelivery', times: 0.65, of: 'ws' },
    { figure: 'cpuPerDelivery', times: 1.1, of: 'uWebSockets' },
    { figure: 'cpuPerDelivery', times: 1.05, of: 'bare Node' },
    { figure: 'p99', times: 1, of: 'ws' },
  ],
};

export const hot: Scenario = {
  name: 'hot',
  about: '1 room, 200 members, 20 senders with a window of 16',
  contenders: contenders({ rooms: 1, members: 200, senders: 20, window: 16 }),
  targets: [
    { figure: 'cpuPerDelivery', times: 0.025, of: 'ws' },
    { figure: 'cpuPerDelivery', times: 0.1, of: 'uWebSockets' },
    { figure: 'cpuPerDelivery', times: 0.7, of: 'Bun' },
  ],
};

export const rooms: Scenario = {
  name: 'rooms',
  about: '250 rooms of 4, everyone talks, each with one message under way',
  contenders: contenders({ rooms: 250, members: 4, senders: 4, window: 1 }, WITH_BARE_NODE),
  targets: [
    { figure: 'cpuPerDelivery', times: 0.5, of: 'ws' },
    { figure: 'cpuPerDelivery', times: 1.5, of: 'uWebSockets' },
    { figure: 'cpuPerDelivery', times: 0.7, of: 'bare Node' },
  ],
};
