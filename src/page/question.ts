// A question that a person has to answer before the room opens: a modal dialog of the browser's own with one field, which
// keeps the focus and gives it back. Never keeps an answer: it may be a password.

import { within } from './elements.ts';

export class Question {
  readonly #dialog: HTMLDialogElement;
  readonly #field: HTMLInputElement;
  readonly #problem: HTMLElement;
  #resolve: (answer: string | undefined) => void = () => {};

  /** `problemOf` says why an answer will not do; undefined for one that will. */
  constructor(dialog: HTMLDialogElement, problemOf: (answer: string) => string | undefined) {
    this.#dialog = dialog;
    this.#field = within(dialog, 'input', HTMLInputElement);
    this.#problem = within(dialog, '.problem', HTMLElement);
    within(dialog, 'form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const problem = problemOf(this.#field.value);
      if (problem === undefined) this.#done(this.#field.value);
      else this.#complain(problem);
    });
    dialog.addEventListener('cancel', () => this.#done(undefined));
    within(dialog, '[value=cancel]', HTMLButtonElement).addEventListener('click', () => this.#done(undefined));
  }

  /** Resolves with the answer, or with undefined for none. `problem`: what was wrong with the answer before. */
  ask(problem = '', value = ''): Promise<string | undefined> {
    this.#field.value = value;
    this.#complain(problem);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
    this.#field.select();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  #done(answer: string | undefined): void {
    this.#dialog.close();
    this.#field.value = '';
    this.#resolve(answer);
  }

  #complain(problem: string): void {
    this.#problem.textContent = problem;
    this.#field.setAttribute('aria-invalid', String(problem !== ''));
  }
}
