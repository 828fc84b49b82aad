// Connections: what one costs to open, and what it costs to keep.
import { generate } from '../load/generator.ts';
import { ALL_PEERS, type Scenario, server } from './scenario.ts';

function opening(joins: boolean) {
  return ALL_PEERS.map((peer) =>
    server(peer, ({ pid, port }, quick) =>
      generate({ kind: 'join', pid, port, joins, connections: quick ? 2_000 : 10_000 }),
    ),
  );
}

export const handshake: Scenario = {
  name: 'handshake',
  about: 'connections that are upgraded and closed again',
  contenders: opening(false),
  targets: [{ figure: 'cpu', times: 0.8, of: 'ws' }],
};

export const join: Scenario = {
  name: 'join',
  about: 'connections that join one of 100 rooms and go (roomchat alone checks nicks, signs keys, tells the others)',
  contenders: opening(true),
  targets: [],
};

export const idle: Scenario = {
  name: 'idle',
  about: '5,000 connections in 100 rooms that say nothing',
  contenders: ALL_PEERS.map((peer) =>
    server(peer, ({ pid, port }, quick) =>
      generate({ kind: 'idle', pid, port, connections: 5_000, rooms: 100, holdMs: quick ? 1_000 : 5_000 }),
    ),
  ),
  targets: [{ figure: 'bytes', times: 7 * 1024 }],
};
