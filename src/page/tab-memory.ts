// What a tab keeps of its session with one room, so that a reload resumes. Never holds a password. Where a browser keeps
// nothing, a reload joins anew.

import { attempt } from './storage.ts';

export class TabMemory {
  readonly #name: string;

  constructor(path: string) {
    this.#name = `roomchat ${path}`;
  }

  read(): unknown {
    return attempt(() => JSON.parse(sessionStorage.getItem(this.#name) ?? '{}')) ?? {};
  }

  write(memory: unknown): void {
    attempt(() => sessionStorage.setItem(this.#name, JSON.stringify(memory)));
  }
}
