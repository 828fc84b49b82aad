// A session with a room, without a terminal, without Node and without a socket of its own: what others may use of this layer.

export { type Clock, systemClock, type Timer } from './clock.ts';
export { ControlClient, ControlFailure, type ControlFailureKind, type ControlSocket } from './control-client.ts';
export type { NickWish } from './nick-choice.ts';
export type { EndKind, ReceivedLine, SayRefusal, SessionEnd, SessionObserver, Welcome } from './observer.ts';
export type { OwnerKeyStore } from './owner-key.ts';
export type { Place } from './place.ts';
export { parseRoomAddress, type RoomAddress, type ServerWishes } from './room-address.ts';
export { RoomSession, type RoomSessionOptions } from './room-session.ts';
export { type NamedServer, Rotation, type Servers } from './rotation.ts';
export type { SessionStore } from './saved-session.ts';
export {
  AddressError,
  parseServerAddress,
  parseServerAddresses,
  roomUrl,
  type ServerAddress,
} from './server-address.ts';
export { type Dial, DialFailure, type Socket, type SocketHandler } from './socket.ts';
