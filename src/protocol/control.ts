// The control path's lines at `/admin`: commands with a `ref`, each answered by `done` or `error`.

import { type RuleCommand, ruleDecoders } from './control-rules.ts';
import type { ControlErrorCode } from './error-codes.ts';
import {
  BadField,
  type Fields,
  optionalBoolean,
  optionalCount,
  optionalString,
  parseObject,
  requiredCount,
  requiredString,
} from './fields.ts';
import { MAX_BAN_SECONDS, MAX_PASSWORD_BYTES, MAX_REASON_BYTES } from './limits.ts';
import { NameError, parseRoomName } from './names.ts';
import type { Settings } from './settings.ts';
import { exceedsBytes } from './text.ts';

/** More than any id, address or network has. */
const MAX_TARGET_BYTES = 64;

export type ControlCommand =
  | RuleCommand
  | { readonly type: 'broadcast'; readonly ref: number; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly ref: number; readonly id: string; readonly text: string }
  | { readonly type: 'rooms'; readonly ref: number }
  | { readonly type: 'clients'; readonly ref: number; readonly room?: string }
  | {
      readonly type: 'kick';
      readonly ref: number;
      readonly id: string;
      /** Where its whole id is to end, also when it is long gone. */
      readonly room?: string;
      readonly reason?: string;
    }
  | {
      readonly type: 'ban';
      readonly ref: number;
      /** A client's id, the beginning of one, an IP address or a network. */
      readonly target: string;
      /** Without it the whole server. */
      readonly room?: string;
      /** Seconds; without it for good. */
      readonly for?: number;
      readonly reason?: string;
    }
  | { readonly type: 'bans'; readonly ref: number; readonly room?: string }
  | { readonly type: 'unban'; readonly ref: number; readonly target: string; readonly room?: string }
  | {
      readonly type: 'password';
      readonly ref: number;
      readonly room: string;
      /** Undefined: the room has none from then on. */
      readonly password: string | undefined;
    }
  | { readonly type: 'watch'; readonly ref: number }
  | { readonly type: 'verify'; readonly ref: number; readonly room?: string }
  | { readonly type: 'export'; readonly ref: number; readonly room: string }
  | { readonly type: 'repair'; readonly ref: number; readonly room: string; readonly yes: boolean }
  /** Then the log's lines, one after the other, and `imported`. */
  | { readonly type: 'import'; readonly ref: number; readonly room: string; readonly password: string | undefined }
  | { readonly type: 'imported'; readonly ref: number }
  | { readonly type: 'delete'; readonly ref: number; readonly room: string };

export interface RoomEntry extends Settings {
  readonly name: string;
  readonly present: number;
  readonly seq: number;
  readonly bytes: number;
  readonly protected: boolean;
}

export interface ClientEntry {
  readonly id: string;
  readonly nick: string;
  readonly room: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly state: 'reading' | 'live';
  /** Bytes of the log that it has not been sent, and of output that its socket has not taken. */
  readonly behind: number;
  readonly waiting: number;
  readonly speaker: boolean;
  /** The server of a cluster that it is connected to. */
  readonly node?: string;
}

export interface BanEntry {
  /** An IPv4 address, or a network. */
  readonly network: string;
  /** Without it the whole server. */
  readonly room?: string;
  /** Milliseconds since 1970; without `until` it has no end. */
  readonly since: number;
  readonly until?: number;
  readonly reason?: string;
  /** The client that it was made for. */
  readonly id?: string;
  readonly nick?: string;
}

export interface ControlErrorLine {
  readonly type: 'error';
  readonly ref: number;
  readonly code: ControlErrorCode;
  readonly message: string;
}

/** The ref is 0 where the line could not be read so far. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;
  readonly ref: number;

  constructor(ref: number, code: ControlErrorCode, message: string) {
    super(message);
    this.ref = ref;
    this.code = code;
  }
}

const decoders = new Map<string, (fields: Fields, ref: number) => ControlCommand>([
  [
    'broadcast',
    (f, ref) => ({
      type: 'broadcast',
      ref,
      room: roomOrAll(requiredString(f, 'room')),
      text: requiredString(f, 'text'),
    }),
  ],
  ['dm', (f, ref) => ({ type: 'dm', ref, id: requiredString(f, 'id'), text: requiredString(f, 'text') })],
  ['rooms', (_, ref) => ({ type: 'rooms', ref })],
  ['clients', (f, ref) => ({ type: 'clients', ref, ...optionalRoom(f) })],
  ['kick', (f, ref) => ({ type: 'kick', ref, id: requiredString(f, 'id'), ...optionalRoom(f), ...optionalReason(f) })],
  ['ban', decodeBan],
  ['bans', (f, ref) => ({ type: 'bans', ref, ...optionalRoom(f) })],
  ['unban', (f, ref) => ({ type: 'unban', ref, target: requiredTarget(f), ...optionalRoom(f) })],
  ['password', decodePassword],
  ['watch', (_, ref) => ({ type: 'watch', ref })],
  ['verify', (f, ref) => ({ type: 'verify', ref, ...optionalRoom(f) })],
  ['export', (f, ref) => ({ type: 'export', ref, room: parseRoomName(requiredString(f, 'room')) })],
  [
    'repair',
    (f, ref) => ({
      type: 'repair',
      ref,
      room: parseRoomName(requiredString(f, 'room')),
      yes: optionalBoolean(f, 'yes') ?? false,
    }),
  ],
  ['import', decodeImport],
  ['imported', (_, ref) => ({ type: 'imported', ref })],
  ['delete', (f, ref) => ({ type: 'delete', ref, room: parseRoomName(requiredString(f, 'room')) })],
]);

/** One line from an admin. Throws ControlError and nothing else. */
export function decodeControlCommand(line: string): ControlCommand {
  let ref = 0;
  try {
    const fields = parseObject(line);
    ref = requiredCount(fields, 'ref');
    const type = requiredString(fields, 'type');
    const decode = decoders.get(type) ?? ruleDecoders.get(type);
    if (decode === undefined) throw new BadField('There is no such command.');
    return decode(fields, ref);
  } catch (error) {
    if (error instanceof BadField || error instanceof NameError)
      throw new ControlError(ref, 'bad_request', error.message);
    throw error;
  }
}

function roomOrAll(room: string): string {
  return room === '*' ? room : parseRoomName(room);
}

function optionalRoom(fields: Fields): { room?: string } {
  const room = optionalString(fields, 'room');
  return room === undefined ? {} : { room: parseRoomName(room) };
}

function optionalReason(fields: Fields): { reason?: string } {
  const reason = optionalString(fields, 'reason') ?? '';
  if (exceedsBytes(reason, MAX_REASON_BYTES)) throw new BadField(`A reason has at most ${MAX_REASON_BYTES} bytes.`);
  return reason === '' ? {} : { reason };
}

function requiredTarget(fields: Fields): string {
  const target = requiredString(fields, 'target');
  if (exceedsBytes(target, MAX_TARGET_BYTES))
    throw new BadField('This is neither an id nor an address: it is too long.');
  return target;
}

function decodeBan(fields: Fields, ref: number): ControlCommand {
  const seconds = optionalCount(fields, 'for');
  if (seconds !== undefined && (seconds < 1 || seconds > MAX_BAN_SECONDS)) {
    throw new BadField(`"for" must be from 1 to ${MAX_BAN_SECONDS} seconds.`);
  }
  return {
    type: 'ban',
    ref,
    target: requiredTarget(fields),
    ...optionalRoom(fields),
    ...(seconds === undefined ? {} : { for: seconds }),
    ...optionalReason(fields),
  };
}

/** A field that was forgotten must not open a room: that it is to have no password is said in so many words. */
function decodePassword(fields: Fields, ref: number): ControlCommand {
  const room = parseRoomName(requiredString(fields, 'room'));
  const password = optionalString(fields, 'password');
  const none = optionalBoolean(fields, 'none') ?? false;
  if (none === (password !== undefined)) throw new BadField('Give either a "password" or "none": true.');
  checkPassword(password);
  return { type: 'password', ref, room, password };
}

/** An export does not say whether its room had a password: a field that was forgotten must not open the room. */
function decodeImport(fields: Fields, ref: number): ControlCommand {
  const room = parseRoomName(requiredString(fields, 'room'));
  const password = optionalString(fields, 'password');
  const open = optionalBoolean(fields, 'open') ?? false;
  if (open === (password !== undefined)) {
    throw new BadField('Give either a "password" or "open": true. A log does not say whether its room had a password.');
  }
  checkPassword(password);
  return { type: 'import', ref, room, password };
}

function checkPassword(password: string | undefined): void {
  if (password !== undefined && (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES))) {
    throw new BadField(`A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
}
