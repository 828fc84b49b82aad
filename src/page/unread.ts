// What somebody who looks elsewhere hears of new messages: their number in the title. Never counts what is being looked at.

export class Unread {
  readonly #title: string;
  #count = 0;

  /** `onSeen`: somebody looks at it again. */
  constructor(title: string, onSeen: () => void) {
    this.#title = title;
    const seen = (): void => {
      if (!isLookedAt()) return;
      this.#show(0);
      onSeen();
    };
    document.addEventListener('visibilitychange', seen);
    addEventListener('focus', seen);
    this.#show(0);
  }

  get count(): number {
    return this.#count;
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

export function isLookedAt(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
