// Many at once: one after the other into one room, and in a rush to many.
import { fitDescriptors, openFileLimit } from '../../../src/cli/descriptors.ts';
import { placesToWait } from '../../../src/server/index.ts';
import { generate } from '../load/generator.ts';
import { bareNode, ws } from '../peers/other.ts';
import type { Peer } from '../peers/peer.ts';
import { roomchat } from '../peers/roomchat.ts';
import { ALL_PEERS, type Contender, type Scenario, server } from './scenario.ts';

const WITH_BARE_NODE = [...ALL_PEERS, bareNode];
/** Who comes before the measuring begins. */
const BEFORE = 200;

function nameOf(clients: number): string {
  return `${clients.toLocaleString('en-US')} clients`;
}

function arriving(peer: Peer, clients: number): Contender {
  const most = { clients: clients + BEFORE, openRooms: 2 };
  const flags = ['--max-clients', `${most.clients}`];
  const contender = server(
    peer,
    ({ pid, port }, quick) => generate({ kind: 'storm', pid, port, clients: quick ? clients / 10 : clients }),
    { flags },
  );
  if (peer !== roomchat) return contender;
  const isThere = () => fitDescriptors(most, openFileLimit(), placesToWait).clients === most.clients;
  return { ...contender, name: nameOf(clients), isThere };
}

export const storm: Scenario = {
  name: 'storm',
  about:
    'clients join one room one after the other while 4 messages a second are said (frames: the most that one of them got; p99: ' +
    'of the messages; the others, who tell nobody, with 2,000)',
  contenders: [
    ...[2_000, 500, 1_000, 5_000, 10_000].map((clients) => arriving(roomchat, clients)),
    ...WITH_BARE_NODE.filter((peer) => peer !== roomchat).map((peer) => arriving(peer, 2_000)),
  ],
  targets: [
    { figure: 'total', times: 2 },
    { figure: 'frames', times: 60 },
    { figure: 'p99', times: 250 },
    { whose: nameOf(5_000), figure: 'total', times: 2.6, of: nameOf(2_000) },
    { whose: nameOf(5_000), figure: 'frames', times: 2.6, of: nameOf(2_000) },
    { whose: nameOf(5_000), figure: 'p99', times: 250 },
  ],
};

const CONNECTIONS = 5_000;
const SILENCE_MS = 30_000;

function rushing(peer: Peer, joins: boolean, silenceMs?: number): Contender {
  return server(peer, ({ pid, port }, quick) =>
    generate({
      kind: 'rush',
      pid,
      port,
      joins,
      connections: quick ? CONNECTIONS / 5 : CONNECTIONS,
      silenceMs: silenceMs === undefined ? undefined : quick ? silenceMs / 10 : silenceMs,
    }),
  );
}

const HANDSHAKES = 'ws, handshakes alone';

export const rush: Scenario = {
  name: 'rush',
  about: '5,000 join 100 rooms in a rush (roomchat alone checks nicks, signs keys, tells the others)',
  contenders: [...WITH_BARE_NODE.map((peer) => rushing(peer, true)), { ...rushing(ws, false), name: HANDSHAKES }],
  targets: [{ figure: 'cpu', times: 2, of: HANDSHAKES }],
};

export const memory: Scenario = {
  name: 'memory',
  about:
    'what each of 5,000 takes that joined 100 rooms in a rush and then said nothing for 30 s (peak: from the rush on)',
  contenders: WITH_BARE_NODE.map((peer) => rushing(peer, true, SILENCE_MS)),
  targets: [
    { figure: 'bytes', times: 1, of: 'ws' },
    { figure: 'peak', times: 1.3, of: 'ws' },
  ],
};
