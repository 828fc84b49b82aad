// What a typed text means: something to say, or a command that starts with a slash.
// What is not a command is never said in its place: it must not reach the room by mistake.

import { OWNER_COMMANDS, type OwnerTyped } from '../view/index.ts';
import { nickProblem } from './answers.ts';

export type Typed =
  | OwnerTyped
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'nick' | 'unignore'; readonly nick: string }
  /** Without a nick it asks who is ignored. */
  | { readonly kind: 'ignore'; readonly nick: string | undefined }
  | { readonly kind: 'mistake'; readonly message: string };

/** What is done here with it, and not said. */
export type PageCommand = Exclude<Typed, { kind: 'nothing' | 'say' | 'mistake' }>;

const NAMES = [...OWNER_COMMANDS.keys()].map((name) => `/${name}`).join(' ');
const COMMANDS = `Commands are /me TEXT, /nick NAME, /ignore NAME, /unignore NAME and, for the room's owners, ${NAMES}. To start a message with a slash, type two.`;

export function readTyped(typed: string): Typed {
  const text = typed.trimEnd();
  if (text.trim() === '') return { kind: 'nothing' };
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  if (!text.startsWith('/') || /^\/me\s+\S/.test(text)) return { kind: 'say', text };
  if (text === '/ignore') return { kind: 'ignore', nick: undefined };
  const [name = ''] = /^\S*/.exec(text.slice(1)) ?? [];
  const command = OWNER_COMMANDS.get(name.toLowerCase());
  if (command !== undefined) {
    const typed = command.parse(text.slice(1 + name.length).trim());
    return typed ?? { kind: 'mistake', message: `Usage: ${command.usage}` };
  }
  const [, kind, nick] = /^\/(nick|ignore|unignore)\s+(\S+)$/.exec(text) ?? [];
  if (nick === undefined) return { kind: 'mistake', message: COMMANDS };
  const message = nickProblem(nick);
  if (message !== undefined) return { kind: 'mistake', message };
  if (kind === 'ignore') return { kind, nick };
  return { kind: kind === 'unignore' ? kind : 'nick', nick };
}

/** What to type so that this text is said. */
export function typedFor(text: string): string {
  return text.startsWith('/') && !text.startsWith('/me ') ? `/${text}` : text;
}
