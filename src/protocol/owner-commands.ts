// What an owner says to a room beside what everybody may: the types of these lines, and their decoding with every field
// checked. Whether somebody is an owner is not decided here.

import { BadField, type Fields, optionalCount, optionalString, requiredCount, requiredString } from './fields.ts';
import { MAX_BAN_SECONDS, MAX_NAMED_CHARACTERS, MAX_PASSWORD_BYTES, MAX_REASON_BYTES } from './limits.ts';
import { decodeSettingsChange, type SettingsChange } from './settings.ts';
import { exceedsBytes, exceedsCharacters } from './text.ts';

/** Whom a command is about: exactly one of a whole id and a nick. */
export interface Whom {
  readonly id?: string;
  readonly nick?: string;
}

export interface KickCommand extends Whom {
  readonly type: 'kick';
  readonly reason?: string;
}

export interface BanCommand extends Whom {
  readonly type: 'ban';
  /** Seconds; without it for good. */
  readonly for?: number;
}

export interface UnbanCommand extends Whom {
  readonly type: 'unban';
}

export interface MuteCommand extends Whom {
  readonly type: 'mute';
  /** Seconds. */
  readonly for: number;
}

export interface UnmuteCommand extends Whom {
  readonly type: 'unmute';
}

export interface PasswordCommand {
  readonly type: 'password';
  readonly password: string;
}

export interface SetCommand extends SettingsChange {
  readonly type: 'set';
}

export type OwnerCommand =
  | KickCommand
  | BanCommand
  | UnbanCommand
  | MuteCommand
  | UnmuteCommand
  | PasswordCommand
  | SetCommand;

/** Each throws BadField. */
export const ownerDecoders = new Map<string, (fields: Fields) => OwnerCommand>([
  ['kick', (fields) => ({ type: 'kick', ...decodeWhom(fields), ...decodeReason(fields) })],
  ['ban', (fields) => ({ type: 'ban', ...decodeWhom(fields), ...decodeFor(optionalCount(fields, 'for')) })],
  ['unban', (fields) => ({ type: 'unban', ...decodeWhom(fields) })],
  ['mute', (fields) => ({ type: 'mute', ...decodeWhom(fields), for: checkedSeconds(requiredCount(fields, 'for')) })],
  ['unmute', (fields) => ({ type: 'unmute', ...decodeWhom(fields) })],
  ['password', (fields) => ({ type: 'password', password: decodePassword(fields) })],
  ['set', (fields) => ({ type: 'set', ...decodeSettingsChange(fields) })],
]);

export function isOwnerCommand<C extends { readonly type: string }>(command: C): command is Extract<C, OwnerCommand> {
  return ownerDecoders.has(command.type);
}

function decodeWhom(fields: Fields): Whom {
  const id = optionalString(fields, 'id');
  const nick = optionalString(fields, 'nick');
  const named = id ?? nick;
  if (named === undefined || (id !== undefined && nick !== undefined)) {
    throw new BadField('Name whom this is about by either "id" or "nick".');
  }
  if (exceedsCharacters(named, MAX_NAMED_CHARACTERS))
    throw new BadField('This is neither an id nor a nick: it is too long.');
  return id === undefined ? { nick: named } : { id };
}

function decodeReason(fields: Fields): { reason?: string } {
  const reason = optionalString(fields, 'reason') ?? '';
  if (exceedsBytes(reason, MAX_REASON_BYTES)) throw new BadField(`A reason has at most ${MAX_REASON_BYTES} bytes.`);
  return reason === '' ? {} : { reason };
}

function decodeFor(seconds: number | undefined): { for?: number } {
  return seconds === undefined ? {} : { for: checkedSeconds(seconds) };
}

function checkedSeconds(seconds: number): number {
  if (seconds < 1 || seconds > MAX_BAN_SECONDS) {
    throw new BadField(`"for" must be from 1 to ${MAX_BAN_SECONDS} seconds.`);
  }
  return seconds;
}

function decodePassword(fields: Fields): string {
  const password = requiredString(fields, 'password');
  if (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES)) {
    throw new BadField(`A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  return password;
}
