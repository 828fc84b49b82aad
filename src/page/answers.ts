// Whether what a person answered will do: a room, a name, a password. The rules are the protocol's, and the server decides:
// this only spares a person the way there.

import { exceedsBytes, MAX_PASSWORD_BYTES, NameError, parseNick, parseRoomName } from '../protocol/index.ts';

/** Why a nick cannot be taken, as a sentence; undefined for one that can. */
export function nickProblem(nick: string): string | undefined {
  return nick === '' ? 'Choose a name: it appears beside your messages.' : nameProblem(parseNick, nick);
}

export function roomProblem(room: string): string | undefined {
  return room === '' ? 'Name a room. Joining creates it if it does not exist.' : nameProblem(parseRoomName, room);
}

export function passwordProblem(password: string): string | undefined {
  const isGood = password !== '' && !exceedsBytes(password, MAX_PASSWORD_BYTES);
  return isGood ? undefined : `A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`;
}

function nameProblem(parse: (name: string) => string, name: string): string | undefined {
  try {
    parse(name);
    return undefined;
  } catch (error) {
    if (error instanceof NameError) return error.message;
    throw error;
  }
}
