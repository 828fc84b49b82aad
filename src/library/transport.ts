// Where a session dials on Node: a room at one server, or at several in turn. Never dials itself.

import {
  type Dial,
  type RoomAddress,
  type RoomSessionOptions,
  Rotation,
  roomUrl,
  type ServerAddress,
} from '../client/index.ts';
import { dialRoom, nodeClock, type Tls } from './dialling.ts';

/** What the session needs of Node; for one session alone. Throws NameError for a room whose name is not allowed. */
export function transportTo({ room, servers }: RoomAddress, tls?: Tls): Pick<RoomSessionOptions, 'dial' | 'clock'> {
  const dialOf = (server: ServerAddress): Dial => dialRoom(roomUrl(server, room), tls);
  const [only, ...others] = servers;
  const dial =
    others.length === 0
      ? dialOf(only)
      : new Rotation(servers.map((server) => ({ name: server.host + server.prefix, dial: dialOf(server) })));
  return { dial, clock: nodeClock };
}
