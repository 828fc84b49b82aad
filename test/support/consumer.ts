// A program that has installed the package, in its own folder: compiled there against the package's types, and run.

import {
  AddressError,
  type MessageLine,
  type Place,
  RoomSession,
  type RoomSessionOptions,
  roomAt,
  type SessionObserver,
  type SessionStore,
} from 'roomchat/client';

const store: SessionStore = { read: () => undefined, write() {} };
const from: Place = { epoch: 'e', seq: 7 };
const options: RoomSessionOptions = {
  ...roomAt('lobby', { server: '127.0.0.1:1' }),
  nick: { name: 'consumer', mayBeNumbered: true },
  from,
  store,
};
const heard: MessageLine[] = [];
const observer: Partial<SessionObserver> = {
  line(line, raw, own) {
    if (line.type === 'message' && !own && raw !== '') heard.push(line);
    // @ts-expect-error: a welcome has no key here, so that nobody passes it on.
    if (line.type === 'welcome') console.error(line.key);
  },
  ended: ({ message }) => console.log(message),
};
const session = new RoomSession(options, observer);
const ref: string = session.say('hi');
if (session.left[0]?.ref !== ref || session.place?.seq !== 7) throw new Error('It is not as its types say.');
try {
  roomAt('http://one/rooms/lobby', { server: 'two' });
} catch (error) {
  if (!(error instanceof AddressError)) throw error;
}
session.start();
