// What the plain servers do with a line: JSON in, JSON out, no history. One home, so that all of them do the same work.
import { randomUUID } from 'node:crypto';

export interface Talker {
  readonly id: string;
  readonly room: string;
  nick: string;
}

export const LIVE = '{"type":"live"}';

export function newTalker(url: string): Talker {
  return { id: randomUUID(), room: decodeURIComponent(url.slice('/rooms/'.length)), nick: '' };
}

/** Takes a line; answers the message that the room is to get, or undefined for a join. */
export function handleLine(talker: Talker, line: string): string | undefined {
  const command: { type: string; nick?: string; text?: string; ref?: string } = JSON.parse(line);
  if (command.type === 'join') {
    talker.nick = command.nick ?? talker.id;
    return undefined;
  }
  const { id, nick } = talker;
  return JSON.stringify({ type: 'message', at: Date.now(), id, nick, text: command.text, ref: command.ref });
}
