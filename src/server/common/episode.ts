// Something that is the matter for a while: said once when it begins, and once when it is over.

export class Episode {
  #on = false;
  readonly #say: (message: string) => void;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  get isOn(): boolean {
    return this.#on;
  }

  begin(message: string): void {
    if (this.#on) return;
    this.#on = true;
    this.#say(message);
  }

  end(message: string): void {
    if (!this.#on) return;
    this.#on = false;
    this.#say(message);
  }
}
