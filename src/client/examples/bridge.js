// Copies what is said in one room to another, each message once, also where it is killed at any time and started again:
//   node bridge.js http://one.example/rooms/ops http://two.example/rooms/ops bridge.json
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { MAX_TEXT_BYTES, printableLine, RoomSession, roomAt } from 'roomchat/client';

const [, , here = '', there = '', file = ''] = process.argv;
/** No more is read while so many messages are on their way. */
const ENOUGH = 100;

// One file holds how far the source was read, and the session with the target, with what the target is not yet known to
// have. It is written in one step: at any time a message is still to be read, on its way, or in the target.
const state = read();

const target = new RoomSession(
  {
    ...roomAt(there),
    nick: { name: 'bridge', mayBeNumbered: true },
    speaker: true,
    from: state.target,
    store: {
      read: () => state.session,
      write(session) {
        state.session = session;
        state.target = target.place;
        write();
      },
    },
  },
  {
    receipt() {
      if (target.pending < ENOUGH) source.resume();
    },
    refused: (_ref, refusal) => tell(`not copied: ${refusal.text} (${refusal.message})`),
    lost: tell,
    ended: (end) => stop(`${there}: ${end.message}`),
  },
);

const source = new RoomSession(
  { ...roomAt(here), nick: { name: 'bridge', mayBeNumbered: true }, from: state.source },
  {
    line(line) {
      if (line.type !== 'message') return;
      // Before the message is said: `say` has the store written, and so both at once.
      state.source = source.place;
      target.say(named(line));
      if (target.pending >= ENOUGH) source.pause();
    },
    lost: tell,
    ended: (end) => stop(`${here}: ${end.message}`),
  },
);

target.start();
source.start();

/** With who said it, where there is room for that. */
function named({ nick, text }) {
  const whole = `${nick}: ${text}`;
  return Buffer.byteLength(JSON.stringify(whole)) <= MAX_TEXT_BYTES ? whole : text;
}

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function write() {
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function tell(text) {
  console.error(printableLine(text));
}

function stop(why) {
  tell(why);
  process.exit(1);
}
