// Names of rooms and nicks, checked before they are sent. The rules are roomchat.v1's (src/protocol/names.ts); a page
// has to have its own copy. The server decides: nothing here is relied on.

import { reservedNickOf } from './look-alikes.page.js';

const MOST_NICK_CHARACTERS = 32;
const MOST_ROOM_CHARACTERS = 64;
/** So many characters at most become one in NFC: what is longer before is too long after. */
const MOST_COMPOSED = 4;
const NAME = /^(?!\.)(?!\p{M})(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}\p{M}._-])+$/u;
const TOO_MANY_MARKS = /[\p{Mn}\p{Me}]{5}/u;

/** Why a nick cannot be taken, as a sentence; undefined for one that can. */
export function nickProblem(nick) {
  if (nick === '') return 'Choose a name: it stands beside what you say.';
  const problem = nameProblem(nick, MOST_NICK_CHARACTERS);
  if (problem !== undefined) return problem;
  const normalised = nick.normalize('NFC');
  if (TOO_MANY_MARKS.test(normalised)) return 'A letter of a name has at most 4 marks above or below it.';
  const reserved = reservedNickOf(normalised);
  if (reserved === 'server') return 'The name “server” is kept for the server itself.';
  return reserved && `This name looks like “${reserved}”. Choose another.`;
}

export function roomProblem(room) {
  if (room === '') return 'Name a room. If there is none of that name, it will be there.';
  return nameProblem(room, MOST_ROOM_CHARACTERS);
}

function nameProblem(name, most) {
  // Before it is normalised, which takes the square of the length of a run of marks.
  if (exceeds(name, most * MOST_COMPOSED)) return tooLong(most);
  const normalised = name.normalize('NFC');
  if (exceeds(normalised, most)) return tooLong(most);
  if (NAME.test(normalised)) return undefined;
  return 'A name takes letters, digits, “-”, “_” and “.”, without spaces, and does not begin with a dot.';
}

function tooLong(most) {
  return `A name has at most ${most} characters.`;
}

function exceeds(text, characters) {
  return text.length > characters * 2 || (text.length > characters && [...text].length > characters);
}

/** What two nicks are compared by. A text that is too long for a nick is itself alone. */
export function foldNick(nick) {
  if (exceeds(nick, MOST_NICK_CHARACTERS * MOST_COMPOSED)) return nick;
  return nick.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

export function numberedNick(nick, number) {
  const suffix = String(number);
  return [...nick].slice(0, MOST_NICK_CHARACTERS - suffix.length).join('') + suffix;
}
