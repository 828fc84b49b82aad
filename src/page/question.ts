// A question that a person has to answer before the room opens: a modal dialog of the browser's own with one field, which
// keeps the focus and gives it back. Never keeps an answer: it may be a password.

import { within } from './elements.ts';

export interface QuestionEvents {
  /** Why an answer will not do; undefined for one that will. */
  readonly problemOf: (answer: string) => string | undefined;
  readonly onAnswer: (answer: string) => void;
  readonly onCancel: () => void;
}

export class Question {
  readonly #dialog: HTMLDialogElement;
  readonly #field: HTMLInputElement;
  readonly #problem: HTMLElement;

  constructor(dialog: HTMLDialogElement, { problemOf, onAnswer, onCancel }: QuestionEvents) {
    this.#dialog = dialog;
    this.#field = within(dialog, 'input', HTMLInputElement);
    this.#problem = within(dialog, '.problem', HTMLElement);
    within(dialog, 'form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const answer = this.#field.value;
      const problem = problemOf(answer);
      if (problem !== undefined) {
        this.#complain(problem);
        return;
      }
      dialog.close();
      this.#field.value = '';
      onAnswer(answer);
    });
    dialog.addEventListener('cancel', onCancel);
    within(dialog, '[value=cancel]', HTMLButtonElement).addEventListener('click', () => {
      dialog.close();
      onCancel();
    });
  }

  /** `problem`: what was wrong with the answer before. */
  ask(problem = '', value = ''): void {
    this.#field.value = value;
    this.#complain(problem);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
    this.#field.select();
  }

  #complain(problem: string): void {
    this.#problem.textContent = problem;
    this.#field.setAttribute('aria-invalid', String(problem !== ''));
  }
}
