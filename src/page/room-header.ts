// What stands above a room: its name, whether it has a password, what it is about. Knows nothing of who is here.

import { byId } from './elements.ts';
import { shown } from './marks.ts';

export class RoomHeader {
  readonly #lock = byId('lock', HTMLElement);
  readonly #topic = byId('topic', HTMLElement);

  constructor(room: string) {
    byId('room-name', HTMLElement).textContent = shown(room);
  }

  joined(isProtected: boolean): void {
    this.#lock.hidden = false;
    this.#lock.classList.toggle('closed', isProtected);
    this.#lock.title = isProtected ? 'This room has a password' : 'This room is open to everybody';
    this.#lock.ariaLabel = this.#lock.title;
  }

  showTopic(topic = ''): void {
    this.#topic.textContent = shown(topic);
    this.#topic.title = this.#topic.textContent;
    this.#topic.hidden = topic === '';
  }
}
