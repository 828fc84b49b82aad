// The commands of an owner as both screens take them: what is typed behind each, and what it asks for.

import {
  exceedsBytes,
  MAX_PASSWORD_BYTES,
  MAX_REASON_BYTES,
  MAX_SLOW_SECONDS,
  MAX_TOPIC_BYTES,
  NameError,
  type OwnerCommand,
  parseDuration,
  parseNick,
} from '../protocol/index.ts';
import { NOT_THE_KEY } from './settings.ts';

export type OwnerTyped =
  | { readonly kind: 'act'; readonly command: OwnerCommand }
  /** The topic is to be shown. */
  | { readonly kind: 'topic' }
  /** A new password is to be asked for, unseen. */
  | { readonly kind: 'password' }
  /** The key is to be shown; with one, taken. */
  | { readonly kind: 'owner'; readonly key: string | undefined }
  | { readonly kind: 'mistake'; readonly message: string };

export interface OwnerSlashCommand {
  readonly usage: string;
  /** `rest` is what follows the command's name, trimmed. Undefined where it does not fit the usage. */
  readonly parse: (rest: string) => OwnerTyped | undefined;
}

const MUTE_SECONDS = 600;
/** What no key looks like is not sent: a server would end the connection. */
const KEY = /^[\w-]{1,64}$/;

export const OWNER_COMMANDS = new Map<string, OwnerSlashCommand>([
  ['topic', { usage: '/topic [TEXT]', parse: parseTopic }],
  ['owner', { usage: '/owner [KEY]', parse: parseOwner }],
  ['kick', { usage: '/kick NICK [REASON]', parse: parseKick }],
  ['ban', { usage: '/ban NICK [TIME]', parse: parseBan }],
  ['unban', { usage: '/unban NICK', parse: (rest) => aboutNick('unban', rest) }],
  ['mute', { usage: '/mute NICK [TIME]', parse: parseMute }],
  ['unmute', { usage: '/unmute NICK', parse: (rest) => aboutNick('unmute', rest) }],
  ['password', { usage: '/password [NEW]', parse: parsePassword }],
  ['readonly', { usage: '/readonly on|off', parse: parseReadonly }],
  ['slow', { usage: '/slow TIME|off', parse: parseSlow }],
]);

/** Whether a typed line holds a secret, and is to be kept nowhere. */
export function holdsSecret(typed: string): boolean {
  return /^\/(?:password|owner)\s/i.test(typed);
}

function act(command: OwnerCommand): OwnerTyped {
  return { kind: 'act', command };
}

function mistake(message: string): OwnerTyped {
  return { kind: 'mistake', message };
}

/** The first word, and what follows it. */
function split(rest: string): [word: string, rest: string] {
  const word = /^\S*/.exec(rest)?.[0] ?? '';
  return [word, rest.slice(word.length).trim()];
}

/** The nick as a command takes it, or why it cannot be one. Undefined where nothing was typed. */
function nickOf(word: string): { nick: string } | { problem: string } | undefined {
  if (word === '') return undefined;
  try {
    return { nick: parseNick(word.startsWith('@') ? word.slice(1) : word) };
  } catch (error) {
    if (error instanceof NameError) return { problem: error.message };
    throw error;
  }
}

function aboutNick(type: 'unban' | 'unmute', rest: string): OwnerTyped | undefined {
  const [word, more] = split(rest);
  const named = nickOf(word);
  if (named === undefined || more !== '') return undefined;
  return 'problem' in named ? mistake(named.problem) : act({ type, ...named });
}

function parseKick(rest: string): OwnerTyped | undefined {
  const [word, reason] = split(rest.toWellFormed());
  const named = nickOf(word);
  if (named === undefined) return undefined;
  if ('problem' in named) return mistake(named.problem);
  if (exceedsBytes(reason, MAX_REASON_BYTES)) return mistake(`A reason has at most ${MAX_REASON_BYTES} bytes.`);
  return act({ type: 'kick', ...named, ...(reason === '' ? {} : { reason }) });
}

function parseBan(rest: string): OwnerTyped | undefined {
  const [word, time] = split(rest);
  const named = nickOf(word);
  const seconds = parseDuration(time);
  if (named === undefined || (time !== '' && seconds === undefined)) return undefined;
  if ('problem' in named) return mistake(named.problem);
  return act({ type: 'ban', ...named, ...(seconds === undefined ? {} : { for: seconds }) });
}

function parseMute(rest: string): OwnerTyped | undefined {
  const [word, time] = split(rest);
  const named = nickOf(word);
  const seconds = time === '' ? MUTE_SECONDS : parseDuration(time);
  if (named === undefined || seconds === undefined) return undefined;
  return 'problem' in named ? mistake(named.problem) : act({ type: 'mute', ...named, for: seconds });
}

function parsePassword(rest: string): OwnerTyped {
  if (rest === '') return { kind: 'password' };
  return passwordCommand(rest);
}

/** What a new password asks for, or why it cannot be one. */
export function passwordCommand(password: string): OwnerTyped {
  if (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES)) {
    return mistake(`A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  return act({ type: 'password', password: password.toWellFormed() });
}

function parseTopic(rest: string): OwnerTyped {
  if (rest === '') return { kind: 'topic' };
  if (exceedsBytes(rest, MAX_TOPIC_BYTES)) return mistake(`A topic has at most ${MAX_TOPIC_BYTES} bytes.`);
  return act({ type: 'set', topic: rest === '-' ? '' : rest.toWellFormed() });
}

function parseReadonly(rest: string): OwnerTyped | undefined {
  return rest === 'on' || rest === 'off' ? act({ type: 'set', readonly: rest === 'on' }) : undefined;
}

function parseSlow(rest: string): OwnerTyped | undefined {
  const slow = rest === 'off' ? 0 : parseDuration(rest);
  if (slow === undefined) return undefined;
  if (slow > MAX_SLOW_SECONDS) return mistake('Slow mode takes at most a day.');
  return act({ type: 'set', slow });
}

function parseOwner(rest: string): OwnerTyped | undefined {
  const [key, more] = split(rest);
  if (more !== '') return undefined;
  if (key === '') return { kind: 'owner', key: undefined };
  return KEY.test(key) ? { kind: 'owner', key } : mistake(NOT_THE_KEY);
}
