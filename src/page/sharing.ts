// How to bring others into a room in which nothing was said yet: its link, with a button that copies it. Never has the
// password in it.

import { byId } from './elements.ts';

export class Sharing {
  readonly #panel = byId('sharing', HTMLElement);
  readonly #link = byId('share-link', HTMLInputElement);
  readonly #said = byId('share-said', HTMLElement);

  constructor() {
    byId('share-copy', HTMLButtonElement).addEventListener('click', () => {
      this.#copy().then(
        () => this.#say('Copied.'),
        () => this.#say('Copy it with Ctrl+C.'),
      );
    });
  }

  show(path: string, isProtected: boolean): void {
    this.#link.value = new URL(path, location.href).href;
    byId('share-who', HTMLElement).textContent = isProtected
      ? 'Whoever has this link and the password can join:'
      : 'Whoever has this link can join:';
    this.#say('');
    this.#panel.hidden = false;
  }

  hide(): void {
    this.#panel.hidden = true;
  }

  /** The selection is left for who has to copy it by hand: without TLS a page has no clipboard. */
  async #copy(): Promise<void> {
    this.#link.select();
    if (navigator.clipboard === undefined && !document.execCommand('copy')) throw new Error('not copied');
    await navigator.clipboard?.writeText(this.#link.value);
  }

  #say(text: string): void {
    this.#said.textContent = text;
  }
}
