// A cluster on real nats-servers: appending beside plain publishes, a first copy, and how long speech pauses after each loss.
// Needs ROOMCHAT_NATS_SERVER, the path of a nats-server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dialRoom } from '../../../src/cli/dialling.ts';
import { Names, shardOf } from '../../../src/cluster/subjects.ts';
import { CrowdMember } from '../../support/crowd-member.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { startServer } from '../../support/server-process.ts';
import { fillRoom } from '../load/fill.ts';
import { generate } from '../load/generator.ts';
import type { AppendJob, Figures } from '../load/job.ts';
import { readAll } from '../load/read-all.ts';
import type { Contender, Scenario } from './scenario.ts';

type Servers = 1 | 3;

interface Appending {
  readonly name: string;
  readonly by: AppendJob['by'];
  readonly nodes: number;
  readonly rooms: number;
  readonly speakers: number;
}

const ROOM = 'lobby';
/** Until all load generators are there and have opened their rooms. */
const READY_MS = 3_000;
const READY_MS_A_ROOM = 30;

function appending(servers: Servers, { name, by, nodes, rooms, speakers }: Appending): Contender {
  return {
    name,
    isThere: hasNatsServer,
    measure: (quick) =>
      onNats(servers, async ({ urls }) => {
        const [warmUpMs, measureMs] = quick ? [500, 1_500] : [2_000, 5_000];
        const startAt = Date.now() + READY_MS + rooms * READY_MS_A_ROOM;
        const job = { kind: 'append', servers: urls, by, rooms, speakers, startAt, warmUpMs, measureMs } as const;
        const all = await Promise.all(Array.from({ length: nodes }, (_, i) => generate({ ...job, node: `node${i}` })));
        return {
          rate: all.reduce((sum, { rate = 0 }) => sum + rate, 0),
          p50: Math.max(...all.map(({ p50 = 0 }) => p50)),
          p99: Math.max(...all.map(({ p99 = 0 }) => p99)),
        };
      }),
  };
}

async function onNats(servers: Servers, measure: (nats: Nats) => Promise<Figures>): Promise<Figures> {
  const nats = await startNats({ servers, lameDuckDuration: '30s', lameDuckGracePeriod: '1s' });
  try {
    return await measure(nats);
  } finally {
    await nats.end();
  }
}

function inRooms(servers: Servers): Scenario {
  return {
    name: `cluster-rooms-${servers}`,
    about: `200 rooms, one speaker in each, on ${serversIn(servers)}: lines of 180 bytes, each with its place before the next`,
    contenders: [
      appending(servers, { name: 'a node', by: 'cluster', nodes: 1, rooms: 200, speakers: 1 }),
      appending(servers, { name: 'plain publishes', by: 'plain', nodes: 1, rooms: 200, speakers: 1 }),
    ],
    targets: [{ figure: 'rate', times: 0.7, of: 'plain publishes' }],
  };
}

function inHotRoom(servers: Servers): Scenario {
  return {
    name: `cluster-hot-${servers}`,
    about: `1 room, 100 speakers at each node, on ${serversIn(servers)} (with several nodes: the slowest one's p50 and p99)`,
    contenders: [
      appending(servers, { name: '1 node', by: 'cluster', nodes: 1, rooms: 1, speakers: 100 }),
      appending(servers, { name: '3 nodes', by: 'cluster', nodes: 3, rooms: 1, speakers: 100 }),
      appending(servers, { name: 'a publish with an id for each', by: 'id', nodes: 1, rooms: 1, speakers: 100 }),
    ],
    targets: [{ figure: 'rate', times: 5, of: 'a publish with an id for each' }],
  };
}

function serversIn(servers: Servers): string {
  return servers === 1 ? 'one nats-server' : 'three nats-servers';
}

const COPY_BYTES = 100 * 1000 * 1000;

/** A room that a node has not: from the join of one who reads all until the live line, and until the first line of the past. */
function copying(servers: Servers): Contender {
  return {
    name: serversIn(servers),
    isThere: hasNatsServer,
    measure: (quick) =>
      onNats(servers, async ({ urls }) => {
        const bytes = quick ? COPY_BYTES / 10 : COPY_BYTES;
        await fillRoom(urls, ROOM, bytes);
        const node = await startServer({ args: ['--nats', urls.join(','), '--log-format', 'text'] });
        try {
          const { first, seconds } = await readAll(node.port, ROOM);
          return { first, seconds, rate: bytes / seconds };
        } finally {
          await node.stop('SIGKILL');
        }
      }),
  };
}

const copy: Scenario = {
  name: 'cluster-copy',
  about:
    'the first copy of a room of 100 MB by a new node, from the join of one who reads all until its live line (bytes a second)',
  contenders: [copying(3), copying(1)],
  targets: [],
};

/** Its figures are of so long after a loss. */
const OBSERVED_MS = 15_000;
const SAY_EVERY_MS = 10;
const UNDER_WAY = 5;
const LOSSES = 3;

interface Loss {
  readonly name: string;
  /** Strikes the nats-server that leads the room's stream, or the node that the speaker is at. */
  strike(nats: Nats, leader: number, node: PausingNode): Promise<void>;
  mend(nats: Nats, leader: number, node: PausingNode): Promise<void>;
}

interface PausingNode {
  kill(): Promise<void>;
  start(): Promise<void>;
}

const LOSSES_OF: readonly Loss[] = [
  {
    name: 'a nats-server is killed',
    strike: (nats, leader) => nats.kill(leader),
    mend: (nats, leader) => nats.restart(leader),
  },
  {
    name: 'a nats-server is frozen',
    strike: async (nats, leader) => nats.freeze(leader),
    mend: async (nats, leader) => nats.thaw(leader),
  },
  {
    name: 'a nats-server is stopped (SIGTERM)',
    strike: (nats, leader) => nats.stop(leader),
    mend: (nats, leader) => nats.restart(leader),
  },
  {
    name: 'a nats-server goes as a lame duck',
    strike: async (nats, leader) => nats.lameDuck(leader),
    mend: async (nats, leader) => {
      await nats.ended(leader);
      await nats.restart(leader);
    },
  },
  {
    name: "the speaker's node is killed",
    strike: (_, __, node) => node.kill(),
    mend: (_, __, node) => node.start(),
  },
];

function pausing({ name, strike, mend }: Loss): Contender {
  return {
    name,
    isThere: hasNatsServer,
    measure: (quick) =>
      onNats(3, async (nats) => {
        const folder = mkdtempSync(join(tmpdir(), 'roomchat-bench-'));
        const start = (i: number) =>
          startServer({ data: join(folder, `${i}`), args: ['--nats', nats.urls.join(','), '--node', `node${i}`] });
        const nodes = [await start(0), await start(1)];
        let at = 0;
        let told = 0;
        let longest = 0;
        const member = new CrowdMember(
          'speaker',
          {
            dial: (signal) => {
              at = (at + 1) % nodes.length;
              return dialRoom(`${nodes[at]?.url.replace('http', 'ws')}/rooms/${ROOM}`)(signal);
            },
          },
          () => {
            const now = performance.now();
            longest = Math.max(longest, now - told);
            told = now;
          },
        );
        const speaking = setInterval(() => {
          if (member.session.pending < UNDER_WAY) member.say();
        }, SAY_EVERY_MS);
        const node: PausingNode = {
          kill: async () => {
            await nodes[at]?.stop('SIGKILL');
          },
          start: async () => {
            for (const [i, { pid }] of nodes.entries()) if (!isAlive(pid)) nodes[i] = await start(i);
          },
        };
        const pauses: number[] = [];
        try {
          for (let i = 0; i < (quick ? 1 : LOSSES); i++) {
            await nats.ready();
            const before = member.receipts.length;
            await member.until(() => member.receipts.length > before + 100, 'its receipts');
            const leader = await nats.leaderOf(new Names('').stream(shardOf(ROOM)));
            longest = 0;
            await strike(nats, leader, node);
            await wait(OBSERVED_MS);
            pauses.push(Math.max(longest, performance.now() - told) / 1000);
            await mend(nats, leader, node);
          }
        } finally {
          clearInterval(speaking);
          member.session.leave();
          await Promise.all(nodes.map((one) => one.stop('SIGKILL')));
          rmSync(folder, { recursive: true, force: true });
        }
        return { seconds: Math.min(...pauses), longest: Math.max(...pauses) };
      }),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pause: Scenario = {
  name: 'cluster-pause',
  about:
    "the pause of speech after a loss, as a client's longest wait between two receipts (of all losses: the shortest pause, the longest)",
  contenders: LOSSES_OF.map(pausing),
  targets: [],
};

export const clusterScenarios: readonly Scenario[] = [inRooms(1), inRooms(3), inHotRoom(1), inHotRoom(3), copy, pause];
