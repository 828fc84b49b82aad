// What a typed text means: something to say, or a command that starts with a slash.
// What is not a command is never said in its place: it must not reach the room by mistake.

import { nickProblem } from './answers.ts';

export type Typed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'nick'; readonly nick: string }
  | { readonly kind: 'mistake'; readonly message: string };

export function readTyped(typed: string): Typed {
  const text = typed.trimEnd();
  if (text.trim() === '') return { kind: 'nothing' };
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  if (!text.startsWith('/') || /^\/me\s+\S/.test(text)) return { kind: 'say', text };
  const nick = /^\/nick\s+(\S+)$/.exec(text)?.[1];
  if (nick === undefined) {
    return {
      kind: 'mistake',
      message: 'Commands are /me TEXT and /nick NAME. To start a message with a slash, type two.',
    };
  }
  const message = nickProblem(nick);
  return message === undefined ? { kind: 'nick', nick } : { kind: 'mistake', message };
}
