// Where a message is written. Enter says it, Shift+Enter begins a line; on a touch screen, which has no Shift+Enter,
// Enter begins a line and the button says it.

import { isTooLong } from './outbox.page.js';
import { readTyped } from './typed.page.js';

export class Composer {
  #field;
  #hint;
  #actions;

  /** `actions.say(text)`, and `actions.rename(nick)`, which is false where it cannot be asked for now. */
  constructor({ form, field, hint }, actions) {
    this.#field = field;
    this.#hint = hint;
    this.#actions = actions;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    field.addEventListener('input', () => this.#edited());
    field.addEventListener('keydown', (event) => {
      // An Enter that ends the composing of a character is not meant for the message.
      const isEnter = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
      if (!isEnter || matchMedia('(pointer: coarse)').matches) return;
      event.preventDefault();
      this.#submit();
    });
  }

  focus() {
    this.#field.focus();
  }

  /** Gives a text back that could not be said, unless another is being written. */
  giveBack(text, why) {
    if (this.#field.value === '') this.#field.value = text;
    this.#edited();
    this.#complain(why);
  }

  /** Puts texts back that were not said, before what is being written. */
  putBack(texts, why) {
    if (texts.length === 0) return;
    this.#field.value = [...texts, this.#field.value].filter((text) => text !== '').join('\n\n');
    this.#edited();
    this.#complain(why);
  }

  #submit() {
    const typed = readTyped(this.#field.value);
    switch (typed.kind) {
      case 'nothing':
        return;
      case 'mistake':
        this.#complain(typed.message);
        return;
      case 'nick':
        if (!this.#actions.rename(typed.nick)) {
          this.#complain('The name can be changed once the room is reached again.');
          return;
        }
        break;
      default:
        if (isTooLong(typed.text)) {
          this.#complain('A message has at most 16,384 bytes. Split it in two.');
          return;
        }
        this.#actions.say(typed.text);
    }
    this.#field.value = '';
    this.#edited();
  }

  #complain(message) {
    this.#hint.textContent = message;
    this.#hint.classList.add('problem');
  }

  /** The field is as high as its text, up to the limit of its style. */
  #edited() {
    this.#hint.textContent = '';
    this.#hint.classList.remove('problem');
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
