// The page at `/`: asks for a room, a name and, where there is to be one, a password. Never keeps the password anywhere.

import { nickProblem, passwordProblem, roomProblem } from './answers.ts';
import { byId } from './elements.ts';
import { showOpenRooms } from './open-rooms.ts';
import { rememberedNick } from './storage.ts';

export interface Wish {
  readonly room: string;
  readonly nick: string;
  readonly password: string | undefined;
}

interface Field {
  readonly input: HTMLInputElement;
  readonly problem: HTMLElement;
  readonly problemOf: (value: string) => string | undefined;
}

/** Shows it, and is done with it once a person has asked for something that can be had. */
export function showHome(onWish: (wish: Wish) => void): void {
  const home = byId('home', HTMLElement);
  const form = byId('home-form', HTMLFormElement);
  const room = fieldOf('room', roomProblem);
  const nick = fieldOf('nick', nickProblem);
  const password = fieldOf('password', (value) => (value === '' ? undefined : passwordProblem(value)));
  home.hidden = false;
  nick.input.value = rememberedNick() ?? '';
  room.input.focus();
  // Home does without it.
  showOpenRooms().catch(() => {});
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (complain([room, nick, password])) return;
    home.hidden = true;
    onWish({
      room: room.input.value.normalize('NFC'),
      nick: nick.input.value,
      password: password.input.value || undefined,
    });
  });
}

function fieldOf(name: string, problemOf: Field['problemOf']): Field {
  return { input: byId(`home-${name}`, HTMLInputElement), problem: byId(`${name}-problem`, HTMLElement), problemOf };
}

/** Says beside each field what is wrong, and leads to the first that is; false where all is well. */
function complain(fields: readonly Field[]): boolean {
  const wrong = fields.filter(({ input, problem, problemOf }) => {
    problem.textContent = problemOf(input.value) ?? '';
    const isWrong = problem.textContent !== '';
    input.setAttribute('aria-invalid', String(isWrong));
    return isWrong;
  });
  wrong[0]?.input.focus();
  return wrong.length > 0;
}
