// `roomchat/client`: a session with a room, for programs on Node. What is exported here is promised to them, with the types
// that it is made of; nothing else of the package is.

export {
  AddressError,
  type Clock,
  type Dial,
  DialFailure,
  type EndKind,
  type NickWish,
  type Place,
  type ReceivedLine,
  RoomSession,
  type RoomSessionOptions,
  type SayRefusal,
  type Servers,
  type SessionEnd,
  type SessionObserver,
  type SessionStore,
  type Socket,
  type SocketHandler,
  type Timer,
  type Welcome,
} from '../client/index.ts';
export {
  type ErrorCode,
  MAX_TEXT_BYTES,
  type MessageLine,
  NameError,
  type NoticeLine,
  printableLine,
} from '../protocol/index.ts';
export { type RoomAtOptions, roomAt } from './room-at.ts';
