// Names of rooms and nicks: which are allowed, and when two of them are the same.
// Never knows what a name is used for; where a room's folder lies is the log's matter.

import { MAX_MARKS_IN_NICK, MAX_NICK_CHARACTERS, MAX_ROOM_CHARACTERS } from './limits.ts';
import { reservedNickOf } from './look-alikes.ts';
import { exceedsCharacters } from './text.ts';

// Letters and digits of any script with their marks. Characters that no font shows (zero-width joiners, fillers,
// variation selectors) are excluded, or two names could look the same.
const NAME = /^(?!\.)(?!\p{M})(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}\p{M}._-])+$/u;

/** So many characters at most become one in NFC: what is longer before is too long after. */
const MOST_COMPOSED = 4;

// Those that take no space of their own: marks that do are no higher than a letter, and Burmese has five in a row.
const TOO_MANY_MARKS = new RegExp(`[\\p{Mn}\\p{Me}]{${MAX_MARKS_IN_NICK + 1}}`, 'u');

function checkName(what: string, name: string, most: number): string {
  // Before it is normalised, which takes the square of the length of a run of marks.
  if (exceedsCharacters(name, most * MOST_COMPOSED)) throw tooLong(what, most);
  const normalised = name.normalize('NFC');
  if (exceedsCharacters(normalised, most)) throw tooLong(what, most);
  if (!NAME.test(normalised)) {
    throw new NameError(
      `This ${what} is not allowed: it takes letters, digits, "-", "_" and ".", without spaces, and does not begin with a dot.`,
    );
  }
  return normalised;
}

function tooLong(what: string, most: number): NameError {
  return new NameError(`The ${what} is too long: it has at most ${most} characters.`);
}

/** A name that is not allowed; the message is a sentence for the user and does not repeat the name. */
export class NameError extends Error {
  override readonly name = 'NameError';
}

/** The room's name in NFC. Throws NameError. */
export function parseRoomName(name: string): string {
  return checkName('room name', name, MAX_ROOM_CHARACTERS);
}

/** The nick in NFC. Throws NameError, also for `server` in any case and for what looks like `server` or `admin`. */
export function parseNick(nick: string): string {
  const normalised = checkName('nick', nick, MAX_NICK_CHARACTERS);
  if (TOO_MANY_MARKS.test(normalised)) {
    throw new NameError(
      `This nick is not allowed: a letter may have at most ${MAX_MARKS_IN_NICK} marks above or below it.`,
    );
  }
  const reserved = reservedNickOf(normalised);
  if (reserved === 'server') throw new NameError('The nick "server" is kept for the server itself.');
  if (reserved !== undefined) throw new NameError(`This nick is not allowed: it looks like "${reserved}".`);
  return normalised;
}

/** Whether a text is no longer than a nick may be, in any Unicode form. What is longer, a hostile server made up. */
export function isShortAsNick(text: string): boolean {
  return !exceedsCharacters(text, MAX_NICK_CHARACTERS * MOST_COMPOSED);
}

/**
 * What two nicks are compared by: compatibility forms and case are folded, so `Bob`, `BOB` and `ｂｏｂ` are one. A text
 * that is too long for a nick is itself alone: it is not worth the work.
 */
export function foldNick(nick: string): string {
  if (!isShortAsNick(nick)) return nick;
  // Lower case first: ẞ is the capital of ß, and the capitals of ß are SS.
  return nick.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/** `nick` with a number behind it that keeps within the limit: what a client gets whose nick is somebody else's. */
export function numberedNick(nick: string, number: number): string {
  const suffix = String(number);
  return [...nick].slice(0, MAX_NICK_CHARACTERS - suffix.length).join('') + suffix;
}
