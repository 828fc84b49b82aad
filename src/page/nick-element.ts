// A nick as it stands beside messages and in the list of members: in a colour of its own, the same everywhere. Never tells
// two nicks apart by colour alone.

import { textOf } from './elements.ts';
import { shownNick } from './marks.ts';

export function nickElement(nick: string): HTMLElement {
  const name = textOf('bdi', shownNick(nick), 'nick');
  name.style.setProperty('--hue', String(hueOf(nick)));
  return name;
}

function hueOf(nick: string): number {
  let hash = 0;
  for (const character of nick) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return (hash * 137.5) % 360;
}
