// What somebody who looks elsewhere hears of new messages: their number in the title. Never counts what is being looked at.

export class Unread {
  readonly #title: string;
  #count = 0;

  constructor(title: string) {
    this.#title = title;
    const seen = (): void => {
      if (isLookedAt()) this.#show(0);
    };
    document.addEventListener('visibilitychange', seen);
    addEventListener('focus', seen);
    this.#show(0);
  }

  /** Counts a message, unless it is being looked at. */
  arrived(): void {
    if (!isLookedAt()) this.#show(this.#count + 1);
  }

  #show(count: number): void {
    this.#count = count;
    document.title = count === 0 ? this.#title : `(${count}) ${this.#title}`;
  }
}

function isLookedAt(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
