// The control path's commands about what holds in a room: its settings, who is muted, and the key of its owners.

import { BadField, type Fields, optionalBoolean, requiredCount, requiredString } from './fields.ts';
import { MAX_BAN_SECONDS, MAX_NAMED_CHARACTERS } from './limits.ts';
import { parseRoomName } from './names.ts';
import { decodeSettingsChange, type SettingsChange } from './settings.ts';
import { exceedsCharacters } from './text.ts';

export type RuleCommand =
  /** With nothing to change it tells what is set. */
  | (SettingsChange & { readonly type: 'set'; readonly ref: number; readonly room: string })
  /** `for`: seconds. */
  | { readonly type: 'mute'; readonly ref: number; readonly id: string; readonly for: number }
  /** By the id of who is muted, or the nick of then. */
  | { readonly type: 'unmute'; readonly ref: number; readonly room: string; readonly target: string }
  /** Tells the key of a room's owners; with `new` it is another one from then on. */
  | { readonly type: 'owner'; readonly ref: number; readonly room: string; readonly new: boolean };

/** Each throws BadField and NameError. */
export const ruleDecoders = new Map<string, (fields: Fields, ref: number) => RuleCommand>([
  ['set', (f, ref) => ({ type: 'set', ref, room: roomOf(f), ...decodeSettingsChange(f) })],
  ['mute', (f, ref) => ({ type: 'mute', ref, id: named(f, 'id'), for: secondsOf(f) })],
  ['unmute', (f, ref) => ({ type: 'unmute', ref, room: roomOf(f), target: named(f, 'target') })],
  ['owner', (f, ref) => ({ type: 'owner', ref, room: roomOf(f), new: optionalBoolean(f, 'new') ?? false })],
]);

function roomOf(fields: Fields): string {
  return parseRoomName(requiredString(fields, 'room'));
}

function named(fields: Fields, key: string): string {
  const name = requiredString(fields, key);
  if (exceedsCharacters(name, MAX_NAMED_CHARACTERS)) throw new BadField(`"${key}" is too long.`);
  return name;
}

function secondsOf(fields: Fields): number {
  const seconds = requiredCount(fields, 'for');
  if (seconds < 1 || seconds > MAX_BAN_SECONDS) {
    throw new BadField(`"for" must be from 1 to ${MAX_BAN_SECONDS} seconds.`);
  }
  return seconds;
}
