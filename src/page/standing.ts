// How the page stands with the room, in words above the composer: nothing while all is well. Never acts by itself.

import { counted } from '../view/index.ts';

/** From here on a history takes long enough for its progress to be of interest. */
const PROGRESS_EVERY = 1000;

export interface StandingParts {
  readonly bar: HTMLElement;
  readonly words: HTMLElement;
  readonly button: HTMLButtonElement;
}

/** What the button offers, and does. */
export interface Offer {
  readonly label: string;
  readonly run: () => void;
}

export class Standing {
  readonly #parts: StandingParts;
  #offer: Offer | undefined;
  #read = 0;

  constructor(parts: StandingParts) {
    this.#parts = parts;
    parts.button.addEventListener('click', () => this.#offer?.run());
  }

  well(): void {
    this.#show('well', '');
  }

  connecting(): void {
    this.#show('passing', 'Connecting…');
  }

  loading(): void {
    this.#read = 0;
    this.#show('passing', 'Loading history…');
  }

  /** A line of the history came. */
  loaded(): void {
    this.#read += 1;
    if (this.#read % PROGRESS_EVERY === 0) {
      this.#parts.words.textContent = `Loading history: ${counted(this.#read, 'message')}…`;
    }
  }

  lost(reason: string, offer: Offer): void {
    this.#show('lost', `${reason} What you write is kept, and sent once the connection is back.`, offer);
  }

  ended(message: string, offer: Offer): void {
    this.#show('ended', message, offer);
  }

  #show(kind: 'well' | 'passing' | 'lost' | 'ended', text: string, offer?: Offer): void {
    const { bar, words, button } = this.#parts;
    bar.dataset.kind = kind;
    words.textContent = text;
    button.hidden = offer === undefined;
    button.textContent = offer?.label ?? '';
    this.#offer = offer;
  }
}
