// What a typed line means: something to say, or one of the commands that begin with a slash.
// What is not a command is never said in its place: a mistyped /quit must not reach the room.

import { NameError, parseNick, printableLine } from '../protocol/index.ts';
import { OWNER_COMMANDS, type OwnerTyped } from '../view/index.ts';
import { editDistance } from './edit-distance.ts';

export type Typed =
  | OwnerTyped
  | { readonly kind: 'nothing' | 'help' | 'who' | 'quit' | 'clear' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'nick'; readonly nick: string }
  | { readonly kind: 'history'; readonly count: number }
  | { readonly kind: 'mistake'; readonly message: string };

interface SlashCommand {
  readonly usage: string;
  readonly help: string;
  /** `rest` is what follows the command's name, trimmed. Undefined where it does not fit the usage. */
  readonly parse: (rest: string) => Typed | undefined;
}

const DEFAULT_HISTORY = 50;

/** An owner's commands are read as on the page. */
const OWNER_HELP = new Map<string, string>([
  ['topic', 'show what the room is about, or set it; - for none'],
  ['owner', "show the key of the room's owners, or become one by it"],
  ['kick', 'as an owner: remove somebody'],
  ['ban', "as an owner: keep somebody's address out, for a time such as 2h or for good"],
  ['unban', 'as an owner: lift a ban'],
  ['mute', 'as an owner: let somebody only read, for 10m if you give no time'],
  ['unmute', 'as an owner: let somebody write again'],
  ['password', 'as an owner: give the room another password; asks if you give none'],
  ['readonly', 'as an owner: let only owners write'],
  ['slow', 'as an owner: one message from each in a time such as 10s'],
]);

const COMMANDS = new Map<string, SlashCommand>([
  ['help', { usage: '/help', help: 'show this list', parse: (rest) => alone(rest, 'help') }],
  ['who', { usage: '/who', help: 'show who is here', parse: (rest) => alone(rest, 'who') }],
  ['nick', { usage: '/nick NAME', help: 'change your nick', parse: parseNickCommand }],
  ['me', { usage: '/me TEXT', help: 'say what you do: "* bob waves"', parse: parseAction }],
  [
    'history',
    { usage: '/history [N]', help: `show the last N messages again (${DEFAULT_HISTORY})`, parse: parseHistory },
  ],
  ['clear', { usage: '/clear', help: 'clear the screen, as Ctrl-L does', parse: (rest) => alone(rest, 'clear') }],
  ...ownerCommands(),
  ['quit', { usage: '/quit', help: 'leave, as Ctrl-C on an empty line does', parse: (rest) => alone(rest, 'quit') }],
]);

function* ownerCommands(): Iterable<[string, SlashCommand]> {
  for (const [name, { usage, parse }] of OWNER_COMMANDS) {
    yield [name, { usage, help: OWNER_HELP.get(name) ?? '', parse }];
  }
}

/** The commands' names with their slash, in the order of the help. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()].map((name) => `/${name}`);

export function parseTyped(line: string): Typed {
  if (line.trim() === '') return { kind: 'nothing' };
  if (!line.startsWith('/')) return { kind: 'say', text: line };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  const name = /^\S*/.exec(line.slice(1))?.[0] ?? '';
  const command = COMMANDS.get(name.toLowerCase());
  if (command === undefined) return { kind: 'mistake', message: unknownCommand(name) };
  return command.parse(line.slice(1 + name.length).trim()) ?? { kind: 'mistake', message: `Usage: ${command.usage}` };
}

/** What to type so that this text is said. */
export function typedFor(text: string): string {
  const typed = parseTyped(text);
  return typed.kind === 'say' && typed.text === text ? text : `/${text}`;
}

/** The help, a line a command. */
export function helpLines(): string[] {
  const commands = [...COMMANDS.values()];
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    ...commands.map(({ usage, help }) => `${usage.padEnd(width)}  ${help}`),
    `${'//TEXT'.padEnd(width)}  send a message that starts with a slash`,
  ];
}

function alone(rest: string, kind: 'help' | 'who' | 'quit' | 'clear'): Typed | undefined {
  return rest === '' ? { kind } : undefined;
}

function parseNickCommand(rest: string): Typed | undefined {
  if (rest === '') return undefined;
  try {
    return { kind: 'nick', nick: parseNick(rest) };
  } catch (error) {
    if (error instanceof NameError) return { kind: 'mistake', message: error.message };
    throw error;
  }
}

/** An action is a text like any other, so that it needs nothing of the server: who shows it knows the convention. */
function parseAction(rest: string): Typed | undefined {
  return rest === '' ? undefined : { kind: 'say', text: `/me ${rest}` };
}

function parseHistory(rest: string): Typed | undefined {
  if (rest === '') return { kind: 'history', count: DEFAULT_HISTORY };
  return /^[1-9]\d{0,8}$/.test(rest) ? { kind: 'history', count: Number(rest) } : undefined;
}

function unknownCommand(name: string): string {
  const said = `There is no command "/${printableLine([...name].slice(0, 32).join(''))}"`;
  const hint = 'To send a message that starts with a slash, type two.';
  const suggestion = nearestCommand(name.toLowerCase());
  return suggestion === undefined ? `${said}; /help lists them. ${hint}` : `${said}. Did you mean ${suggestion}?`;
}

function nearestCommand(name: string): string | undefined {
  // Further off than a third of its letters (but one at least), the guess would be noise. A long word is near to none.
  if (name.length > 16) return undefined;
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of COMMANDS.keys()) {
    const distance = editDistance(name, candidate);
    if (distance >= least || distance >= candidate.length) continue;
    least = distance;
    nearest = `/${candidate}`;
  }
  return nearest;
}
