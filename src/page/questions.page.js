// The two questions that a person may have to answer before the room opens: a name, and a password. Each is a modal
// dialog of the browser's own, which keeps the focus and gives it back.

/** A dialog with one field. `problemOf(value)` says why an answer will not do. */
export class Question {
  #dialog;
  #field;
  #problem;

  constructor(dialog, { problemOf, onAnswer, onCancel }) {
    this.#dialog = dialog;
    this.#field = dialog.querySelector('input');
    this.#problem = dialog.querySelector('.problem');
    dialog.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      const answer = this.#field.value;
      const problem = problemOf(answer);
      if (problem === undefined) this.#answered(answer, onAnswer);
      else this.#complain(problem);
    });
    dialog.addEventListener('cancel', onCancel);
    dialog.querySelector('[value=cancel]').addEventListener('click', () => {
      dialog.close();
      onCancel();
    });
  }

  /** `problem`: what was wrong with the answer before. */
  ask(problem, value = '') {
    this.#field.value = value;
    this.#complain(problem);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
    this.#field.select();
  }

  #answered(answer, onAnswer) {
    this.#dialog.close();
    this.#field.value = '';
    onAnswer(answer);
  }

  #complain(problem = '') {
    this.#problem.textContent = problem;
    this.#field.setAttribute('aria-invalid', problem !== '');
  }
}

export function wrongPassword(password) {
  const bytes = new TextEncoder().encode(password).length;
  return bytes >= 1 && bytes <= 128 ? undefined : 'A password has 1 to 128 bytes.';
}
