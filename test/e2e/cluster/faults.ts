// What is done to a cluster under load, to one nats-server or node of it or to all. Each leaves everything as it found it: what
// was killed runs again, what was cut is whole.

import { setTimeout as pass } from 'node:timers/promises';
import type { Rig } from './rig.ts';

/** At most; long enough that a server which is silent is given up, and that a leader is chosen anew. */
const SPELL_MS = 7_000;
/** Longer than a node waits before it sends its clients elsewhere. */
const CUT_OFF_MS = 17_000;
const ALL = [0, 1, 2];

export interface Strike {
  readonly rig: Rig;
  /** Whose turn it is, among the nats-servers or the nodes. */
  readonly target: number;
  /** The stream that the room under load is in. */
  readonly stream: string;
  readonly next: (below: number) => number;
}

export interface Fault {
  readonly name: string;
  /** Whether its target is a nats-server: then it is often the one that leads the stream. */
  readonly strikes: 'server' | 'node';
  readonly strike: (on: Strike) => Promise<void>;
}

const killed: Fault = {
  name: 'server killed',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    await rig.nats.kill(target);
    await pass(next(SPELL_MS));
    await rig.nats.restart(target);
  },
};

const stopped: Fault = {
  name: 'server stopped',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    await rig.nats.stop(target);
    await pass(next(2_000));
    await rig.nats.restart(target);
  },
};

const frozen: Fault = {
  name: 'server frozen',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    rig.nats.freeze(target);
    await pass(next(SPELL_MS));
    rig.nats.thaw(target);
  },
};

const lameDuck: Fault = {
  name: 'lame duck',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    rig.nats.lameDuck(target);
    const hasEnded = rig.nats.ended(target).then(() => true);
    // It would wait half a minute for whoever stays.
    const isAlone = await Promise.race([hasEnded, pass(2_000 + next(4_000), false)]);
    if (!isAlone) await rig.nats.kill(target);
    await rig.nats.restart(target);
  },
};

const allKilled: Fault = {
  name: 'all servers killed',
  strikes: 'server',
  strike: async ({ rig, next }) => {
    await Promise.all(ALL.map((server) => rig.nats.kill(server)));
    await pass(next(1_000));
    await Promise.all(ALL.map((server) => rig.nats.restart(server)));
  },
};

const allFrozen: Fault = {
  name: 'all servers frozen',
  strikes: 'server',
  strike: async ({ rig, next }) => {
    for (const server of ALL) rig.nats.freeze(server);
    await pass(next(4_000));
    for (const server of ALL) rig.nats.thaw(server);
  },
};

const stepDown: Fault = {
  name: 'leader steps down',
  strikes: 'server',
  strike: async ({ rig, stream, next }) => {
    for (let times = 1 + next(4); times > 0; times--) {
      await rig.nats.stepDown(stream);
      await pass(next(1_000));
    }
  },
};

const routesReset: Fault = {
  name: 'routes reset',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    for (let times = 1 + next(5); times > 0; times--) {
      for (const route of rig.routesOf(target)) route.reset();
      await pass(next(600));
    }
  },
};

const routesDark: Fault = {
  name: 'routes dark',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    for (const route of rig.routesOf(target)) route.darken();
    await pass(next(2 * SPELL_MS));
    for (const route of rig.routesOf(target)) route.lighten();
  },
};

const routesHeld: Fault = {
  name: 'routes held',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    const ms = next(SPELL_MS);
    for (const route of rig.routesOf(target)) route.hold(ms);
    await pass(ms);
  },
};

const streamFull: Fault = {
  name: 'stream full',
  strikes: 'server',
  strike: async ({ rig, stream, next }) => {
    await rig.nats.boundStream(stream, (held) => held + next(20_000));
    await pass(next(3_000));
    await rig.nats.boundStream(stream, (held) => held + ROOM_BYTES);
  },
};

/** As many as a phase can say. */
const ROOM_BYTES = 1024 * 1024 * 1024;

const disksFull: Fault = {
  name: 'disks full',
  strikes: 'server',
  strike: async ({ rig, target, next }) => {
    const full = next(2) === 0 ? ALL : [target, (target + 1) % 3].slice(next(2));
    const bytes = 4_000 + next(400_000);
    await Promise.all(full.map((server) => rig.nats.limitFiles(server, bytes)));
    await pass(next(4_000));
    if (next(2) === 0) await Promise.all(full.map((server) => rig.nats.limitFiles(server, undefined)));
    await pass(next(1_000));
    // A server that could not write does not store again until it is started anew.
    await Promise.all(full.map((server) => rig.nats.kill(server)));
    await Promise.all(full.map((server) => rig.nats.restart(server)));
  },
};

const nodeKilled: Fault = {
  name: 'node killed',
  strikes: 'node',
  strike: async ({ rig, target, next }) => {
    await rig.endNode(target, 'SIGKILL');
    await pass(next(SPELL_MS));
    await rig.startNode(target);
  },
};

const nodeStopped: Fault = {
  name: 'node stopped',
  strikes: 'node',
  strike: async ({ rig, target }) => {
    await rig.endNode(target, 'SIGTERM');
    await rig.startNode(target);
  },
};

const nodeFrozen: Fault = {
  name: 'node frozen',
  strikes: 'node',
  strike: async ({ rig, target, next }) => {
    rig.signalNode(target, 'SIGSTOP');
    await pass(next(SPELL_MS));
    rig.signalNode(target, 'SIGCONT');
  },
};

const nodeReset: Fault = {
  name: 'node reset',
  strikes: 'node',
  strike: async ({ rig, target, next }) => {
    for (let times = 1 + next(5); times > 0; times--) {
      for (const cable of rig.cablesOf(target)) cable.reset();
      await pass(next(600));
    }
  },
};

const nodeDark: Fault = {
  name: 'node dark',
  strikes: 'node',
  strike: async ({ rig, target, next }) => {
    for (const cable of rig.cablesOf(target)) cable.darken();
    await pass(next(next(3) === 0 ? CUT_OFF_MS : SPELL_MS));
    for (const cable of rig.cablesOf(target)) cable.lighten();
  },
};

const nodeHeld: Fault = {
  name: 'node held',
  strikes: 'node',
  strike: async ({ rig, target, next }) => {
    const ms = next(SPELL_MS);
    for (const cable of rig.cablesOf(target)) cable.hold(ms);
    await pass(ms);
  },
};

export const FAULTS: readonly Fault[] = [
  killed,
  stopped,
  frozen,
  lameDuck,
  allKilled,
  allFrozen,
  stepDown,
  routesReset,
  routesDark,
  routesHeld,
  streamFull,
  disksFull,
  nodeKilled,
  nodeStopped,
  nodeFrozen,
  nodeReset,
  nodeDark,
  nodeHeld,
];
