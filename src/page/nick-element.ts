// A nick as it stands beside messages and in the list of members: in a colour of its own, the same everywhere. Never tells
// two nicks apart by colour alone.

import { nickColour } from '../view/index.ts';
import { textOf } from './elements.ts';
import { shownNick } from './marks.ts';

export function nickElement(nick: string): HTMLElement {
  const name = textOf('bdi', shownNick(nick), 'nick');
  name.style.setProperty('--hue', String(nickColour(nick).hue));
  return name;
}
