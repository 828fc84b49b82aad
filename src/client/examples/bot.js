// Rolls a die for whoever says !roll:  node bot.js lobby
import { RoomSession, roomAt } from 'roomchat/client';

const [, , room = 'lobby'] = process.argv;
const session = new RoomSession(
  { ...roomAt(room), nick: { name: 'dice', mayBeNumbered: true }, last: 0 },
  {
    line(line, _raw, own) {
      if (line.type !== 'message' || own || line.text !== '!roll') return;
      session.say(`${line.nick} rolls a ${1 + Math.floor(Math.random() * 6)}`);
    },
    ended: (end) => console.error(end.message),
  },
);
session.start();
