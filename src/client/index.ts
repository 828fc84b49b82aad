// A session with a room, without a terminal: what the command line may use of this layer.

export type { Clock, Timer } from './clock.ts';
export { ControlClient, ControlFailure, type ControlFailureKind } from './control-client.ts';
export type { NickWish } from './nick-choice.ts';
export type { EndKind, ReceivedLine, SayRefusal, SessionEnd, SessionObserver, Welcome } from './observer.ts';
export { RoomSession, type RoomSessionOptions } from './room-session.ts';
export { AddressError, parseServerAddress, roomUrl, type ServerAddress } from './server-address.ts';
