// Names of rooms and nicks: which are allowed, and when two of them are the same.
// Never knows what a name is used for; where a room's folder lies is the log's matter.

import { MAX_NICK_CHARACTERS, MAX_ROOM_CHARACTERS } from './limits.ts';

// Letters and digits of any script with their marks. Characters that no font shows (zero-width joiners, fillers,
// variation selectors) are excluded, or two names could look the same.
const NAME = /^(?!\.)(?!\p{M})(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}\p{M}._-])+$/u;

function checkName(what: string, name: string, most: number): string {
  const normalised = name.normalize('NFC');
  // UTF-16 units first: nobody makes the pattern walk a megabyte.
  if (normalised.length > most * 2 || [...normalised].length > most) {
    throw new NameError(`The ${what} is too long: it has at most ${most} characters.`);
  }
  if (!NAME.test(normalised)) {
    throw new NameError(
      `This ${what} is not allowed: it takes letters, digits, "-", "_" and ".", and does not begin with a dot.`,
    );
  }
  return normalised;
}

/** A name that is not allowed; the message is a sentence for the user and does not repeat the name. */
export class NameError extends Error {
  override readonly name = 'NameError';
}

/** The room's name in NFC. Throws NameError. */
export function parseRoomName(name: string): string {
  return checkName('room name', name, MAX_ROOM_CHARACTERS);
}

/** The nick in NFC. Throws NameError, also for `server` in any case. */
export function parseNick(nick: string): string {
  const normalised = checkName('nick', nick, MAX_NICK_CHARACTERS);
  if (foldNick(normalised) === 'server') throw new NameError('The nick "server" is kept for the server itself.');
  return normalised;
}

/** What two nicks are compared by: compatibility forms and case are folded, so `Bob`, `BOB` and `ｂｏｂ` are one. */
export function foldNick(nick: string): string {
  // Lower case first: ẞ is the capital of ß, and the capitals of ß are SS.
  return nick.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/** `nick` with a number behind it that keeps within the limit: what a client gets whose nick is somebody else's. */
export function numberedNick(nick: string, number: number): string {
  const suffix = String(number);
  return [...nick].slice(0, MAX_NICK_CHARACTERS - suffix.length).join('') + suffix;
}
