// Where a message is written. Enter sends it, Shift+Enter starts a new line; on a touch screen, which has no Shift+Enter,
// Enter starts a new line and the button sends. Never loses a text that the room does not have.

import { exceedsBytes, MAX_TEXT_BYTES, type OwnerCommand } from '../protocol/index.ts';
import { grouped } from '../view/index.ts';
import { readTyped } from './typed.ts';

export interface ComposerParts {
  readonly form: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  readonly hint: HTMLElement;
}

export interface ComposerEvents {
  readonly onSay: (text: string) => void;
  /** False where it cannot be asked for now. */
  readonly onNick: (nick: string) => boolean;
  /** What an owner wants done. False as above. */
  readonly onAct: (command: OwnerCommand) => boolean;
  /** Wants to see the key of the room's owners, or with one to become an owner. False as above. */
  readonly onOwner: (key: string | undefined) => boolean;
  readonly onTopic: () => void;
}

const NOT_CONNECTED = 'There is no connection to the room right now: try again once it is back.';

export class Composer {
  readonly #field: HTMLTextAreaElement;
  readonly #hint: HTMLElement;
  readonly #events: ComposerEvents;

  constructor({ form, field, hint }: ComposerParts, events: ComposerEvents) {
    this.#field = field;
    this.#hint = hint;
    this.#events = events;
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

  focus(): void {
    this.#field.focus();
  }

  /** What is said, and where and as whom, while nothing is written. */
  invite(placeholder: string): void {
    this.#field.placeholder = placeholder;
  }

  /** Puts texts back that the room does not have, before what is being written. */
  putBack(texts: readonly string[], why: string): void {
    if (texts.length === 0) return;
    this.#field.value = [...texts, this.#field.value].filter((text) => text !== '').join('\n\n');
    this.#edited();
    this.#complain(why);
  }

  #submit(): void {
    const problem = this.#take(this.#field.value);
    if (problem !== undefined) {
      this.#complain(problem);
      return;
    }
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
      case 'nick':
        return this.#events.onNick(typed.nick) ? undefined : 'You can change your name once the room is back.';
      case 'act':
        return this.#events.onAct(typed.command) ? undefined : NOT_CONNECTED;
      case 'owner':
        return this.#events.onOwner(typed.key) ? undefined : NOT_CONNECTED;
      case 'topic':
        this.#events.onTopic();
        return undefined;
      case 'password':
        return 'Type the new password behind it: /password NEW. Nobody else sees it.';
      case 'say':
        if (exceedsBytes(typed.text, MAX_TEXT_BYTES)) {
          return `A message has at most ${grouped(MAX_TEXT_BYTES)} bytes. Split it in two.`;
        }
        this.#events.onSay(typed.text);
        return undefined;
    }
  }

  #complain(message: string): void {
    this.#hint.textContent = message;
    this.#hint.classList.add('problem');
  }

  /** The field is as high as its text, up to the limit of its style. */
  #edited(): void {
    this.#hint.textContent = '';
    this.#hint.classList.remove('problem');
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
