// Names of rooms and nicks, checked before they are sent. The rules are roomchat.v1's (src/protocol/names.ts); a page
// has to have its own copy. The server decides: nothing here is relied on.

const MOST_NICK_CHARACTERS = 32;
const MOST_ROOM_CHARACTERS = 64;
const NAME = /^(?!\.)(?!\p{M})(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}\p{M}._-])+$/u;

/** Why a nick cannot be taken, as a sentence; undefined for one that can. */
export function nickProblem(nick) {
  if (nick === '') return 'Choose a name: it stands beside what you say.';
  if (foldNick(nick) === 'server') return 'The name “server” is kept for the server itself.';
  return nameProblem(nick, MOST_NICK_CHARACTERS);
}

export function roomProblem(room) {
  if (room === '') return 'Name a room. If there is none of that name, it will be there.';
  return nameProblem(room, MOST_ROOM_CHARACTERS);
}

function nameProblem(name, most) {
  const normalised = name.normalize('NFC');
  if ([...normalised].length > most) return `A name has at most ${most} characters.`;
  if (NAME.test(normalised)) return undefined;
  return 'A name takes letters, digits, “-”, “_” and “.”, without spaces, and does not begin with a dot.';
}

/** What two nicks are compared by. */
export function foldNick(nick) {
  return nick.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

export function numberedNick(nick, number) {
  const suffix = String(number);
  return [...nick].slice(0, MOST_NICK_CHARACTERS - suffix.length).join('') + suffix;
}
