// From what a program calls a room to where its session dials. Never dials itself.

import { parseRoomAddress, type RoomSessionOptions } from '../client/index.ts';
import { transportTo } from './transport.ts';

export interface RoomAtOptions {
  /** `host`, `host:port` or a URL; of a cluster several nodes, with commas in between. By default 127.0.0.1:8080. */
  readonly server?: string | undefined;
  /** Certificates in PEM to trust, in place of those that Node has. */
  readonly ca?: string | undefined;
}

/**
 * What a session needs of Node to be in a room: `lobby`, or the room's URL, which names its server as well. Throws
 * AddressError and NameError, whose messages are sentences for the user. It is for one session alone.
 */
export function roomAt(room: string, { server, ca }: RoomAtOptions = {}): Pick<RoomSessionOptions, 'dial' | 'clock'> {
  return transportTo(parseRoomAddress(room, { chosen: server }), ca === undefined ? undefined : { ca });
}
