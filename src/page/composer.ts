// Where a message is written. Enter sends it, Shift+Enter starts a new line; on a touch screen, which has no Shift+Enter,
// Enter starts a new line and the button sends. Never loses a text that the room does not have.

import { exceedsBytes, MAX_TEXT_BYTES } from '../protocol/index.ts';
import { grouped } from '../view/index.ts';
import { NickCompletion } from './nick-completion.ts';
import { type PageCommand, readTyped } from './typed.ts';
import { TypedHistory } from './typed-history.ts';

export interface ComposerParts {
  readonly form: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  readonly button: HTMLButtonElement;
  readonly hint: HTMLElement;
}

export interface ComposerEvents {
  readonly onSay: (text: string) => void;
  /** What was typed instead of a message; gives why it cannot be done. */
  readonly onCommand: (command: PageCommand) => string | undefined;
  /** What is being written has changed. */
  readonly onDraft: (text: string) => void;
  /** A key that an empty field has no use for; gives whether it was of use elsewhere. */
  readonly onKey: (event: KeyboardEvent) => boolean;
  /** Whom Tab offers, the likeliest first. */
  readonly nicks: () => Iterable<string>;
}

export class Composer {
  readonly #field: HTMLTextAreaElement;
  readonly #button: HTMLButtonElement;
  readonly #hint: HTMLElement;
  readonly #events: ComposerEvents;
  readonly #history = new TypedHistory();
  readonly #completion = new NickCompletion();

  constructor({ form, field, button, hint }: ComposerParts, events: ComposerEvents) {
    this.#field = field;
    this.#button = button;
    this.#hint = hint;
    this.#events = events;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    field.addEventListener('input', () => this.#edited());
    field.addEventListener('keydown', (event) => {
      // A key that composes a character is not meant for the message.
      if (!event.isComposing && this.#pressed(event)) event.preventDefault();
    });
  }

  focus(): void {
    this.#field.focus();
  }

  /** What is said, and where and as whom, while nothing is written. */
  invite(placeholder: string): void {
    this.#field.placeholder = placeholder;
  }

  /** Whether there is a room to write to. */
  enable(isEnabled: boolean): void {
    this.#field.disabled = !isEnabled;
    this.#button.disabled = !isEnabled;
  }

  /** Puts a text there that was being written before. */
  restore(draft: string): void {
    this.#field.value = draft;
    this.#fit();
  }

  /** Puts texts back that the room does not have, before what is being written. */
  putBack(texts: readonly string[], why: string): void {
    if (texts.length === 0) return;
    this.#field.value = [...texts, this.#field.value].filter((text) => text !== '').join('\n\n');
    this.#edited();
    this.#complain(why);
  }

  /** Says whether the key was of use. */
  #pressed(event: KeyboardEvent): boolean {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (shiftKey || altKey || ctrlKey || metaKey) return false;
    switch (key) {
      case 'Enter':
        if (matchMedia('(pointer: coarse)').matches) return false;
        this.#submit();
        return true;
      case 'Tab':
        return this.#complete();
      case 'ArrowUp':
        return this.#recall(-1);
      case 'ArrowDown':
        return this.#recall(1);
      default:
        return this.#field.value === '' && this.#events.onKey(event);
    }
  }

  #complete(): boolean {
    const { value, selectionStart, selectionEnd } = this.#field;
    if (selectionStart !== selectionEnd) return false;
    const completed = this.#completion.next(value, selectionStart, this.#events.nicks());
    if (completed === undefined) return false;
    this.#field.value = completed.value;
    this.#field.setSelectionRange(completed.caret, completed.caret);
    this.#edited();
    return true;
  }

  #recall(step: -1 | 1): boolean {
    const text = this.#history.move(this.#field.value, step);
    if (text === undefined) return false;
    this.#field.value = text;
    this.#edited();
    return true;
  }

  #submit(): void {
    const { value } = this.#field;
    const problem = this.#take(value);
    if (problem !== undefined) {
      this.#complain(problem);
      return;
    }
    if (value.trim() !== '') this.#history.add(value);
    this.#field.value = '';
    this.#edited();
  }

  /** Does what was typed; else says why not. */
  #take(value: string): string | undefined {
    const typed = readTyped(value);
    switch (typed.kind) {
      case 'nothing':
        return undefined;
      case 'mistake':
        return typed.message;
      case 'say':
        if (exceedsBytes(typed.text, MAX_TEXT_BYTES)) {
          return `A message has at most ${grouped(MAX_TEXT_BYTES)} bytes. Split it in two.`;
        }
        this.#events.onSay(typed.text);
        return undefined;
      default:
        return this.#events.onCommand(typed);
    }
  }

  #complain(message: string): void {
    this.#hint.textContent = message;
    this.#hint.classList.add('problem');
  }

  #edited(): void {
    this.#hint.textContent = '';
    this.#hint.classList.remove('problem');
    this.#fit();
    this.#events.onDraft(this.#field.value);
  }

  /** The field is as high as its text, up to the limit of its style. */
  #fit(): void {
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
