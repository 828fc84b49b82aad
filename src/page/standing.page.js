// How the page stands with the room, in words above the composer: nothing while all is well. Never acts by itself.

import { counted } from './words.page.js';

/** From here on a history takes long enough for its progress to be of interest. */
const PROGRESS_EVERY = 1000;

export class Standing {
  #bar;
  #words;
  #button;
  #action = () => {};
  #read = 0;

  constructor({ bar, words, button }) {
    this.#bar = bar;
    this.#words = words;
    this.#button = button;
    button.addEventListener('click', () => this.#action());
  }

  /** `actions`: `tryNow`, `joinAgain` and `joinOpen`. */
  changed(state, { tryNow, joinAgain, joinOpen }) {
    switch (state.name) {
      case 'connecting':
        this.#show('passing', 'Connecting…');
        break;
      case 'replaying':
        this.#read = 0;
        this.#show('passing', 'Loading the history…');
        break;
      case 'waiting':
        this.#show(
          'lost',
          `${state.reason} What you write is kept, and sent when the room is back.`,
          'Try now',
          tryNow,
        );
        break;
      case 'ended':
        if (state.isOpen) this.#show('ended', state.message, 'Join the open room', joinOpen);
        else this.#show('ended', state.message, 'Join again', joinAgain);
        break;
      default:
        this.#show('well', '');
    }
  }

  /** A line of a history came. */
  counted() {
    this.#read += 1;
    if (this.#read % PROGRESS_EVERY === 0) {
      this.#words.textContent = `Loading the history: ${counted(this.#read, 'message')}…`;
    }
  }

  #show(kind, words, label = '', action = () => {}) {
    this.#bar.dataset.kind = kind;
    this.#words.textContent = words;
    this.#button.hidden = label === '';
    this.#button.textContent = label;
    this.#action = action;
  }
}
