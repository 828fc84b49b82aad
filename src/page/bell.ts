// The bell: whether the browser tells of mentions while nobody looks at the page. It asks for leave only when it is clicked,
// and never tells of anything that is being looked at.

import { attempt } from './storage.ts';

const BELL = 'roomchat bell';
/** Of a message; a notification shows no more. */
const MOST_CHARACTERS = 200;

export class Bell {
  readonly #button: HTMLButtonElement;
  readonly #onRefused: (why: string) => void;
  #isOn = false;

  /** `onRefused` is told why there will be no notifications. */
  constructor(button: HTMLButtonElement, onRefused: (why: string) => void) {
    this.#button = button;
    this.#onRefused = onRefused;
    // Only where a page came safely, a browser lets it notify.
    button.hidden = !('Notification' in window) || !isSecureContext;
    if (button.hidden) return;
    this.#show(attempt(() => localStorage.getItem(BELL)) === 'on' && Notification.permission === 'granted');
    button.addEventListener('click', () => {
      if (this.#isOn) this.#turn(false);
      else this.#ask().catch(() => this.#refused());
    });
  }

  tell(title: string, text: string): void {
    if (!this.#isOn || document.visibilityState === 'visible') return;
    const body = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
    attempt(() => {
      const notification = new Notification(title, { body, tag: location.pathname });
      notification.onclick = () => {
        focus();
        notification.close();
      };
    });
  }

  async #ask(): Promise<void> {
    if ((await Notification.requestPermission()) === 'granted') this.#turn(true);
    else this.#refused();
  }

  #refused(): void {
    this.#onRefused('This browser does not let the page notify you. You can allow it in the settings of the site.');
  }

  #turn(isOn: boolean): void {
    attempt(() => localStorage.setItem(BELL, isOn ? 'on' : 'off'));
    this.#show(isOn);
  }

  #show(isOn: boolean): void {
    this.#isOn = isOn;
    this.#button.setAttribute('aria-pressed', String(isOn));
  }
}
