// The list of open rooms at home, where the server gives one. Without one, home is as it was.

import { grouped } from '../view/index.ts';
import { byId, element, textOf } from './elements.ts';
import { homePath, roomPath } from './place.ts';

interface OpenRoom {
  readonly name: string;
  readonly present: number;
}

/** Resolves once it is shown, or known that there is none. */
export async function showOpenRooms(): Promise<void> {
  const answer = await fetch(`${homePath()}rooms`, { cache: 'no-store' });
  const rooms = answer.ok ? roomsOf(await answer.json()) : [];
  byId('open-rooms-list', HTMLElement).replaceChildren(...rooms.map(entry));
  byId('open-rooms', HTMLElement).hidden = rooms.length === 0;
}

function entry({ name, present }: OpenRoom): HTMLElement {
  const made = element('li');
  const link = textOf('a', name);
  link.href = roomPath(name);
  made.append(link, ' ', textOf('span', `${grouped(present)} here`, 'optional'));
  return made;
}

/** Of whatever the server says. */
function roomsOf(answer: unknown): OpenRoom[] {
  const rooms = typeof answer === 'object' && answer !== null && 'rooms' in answer ? answer.rooms : undefined;
  if (!Array.isArray(rooms)) return [];
  return rooms.filter((room): room is OpenRoom => typeof room?.name === 'string' && typeof room?.present === 'number');
}
