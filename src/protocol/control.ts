// The control path's lines at `/admin`: commands with a `ref`, each answered by `done` or `error`.

import type { ControlErrorCode } from './error-codes.ts';
import {
  BadField,
  type Fields,
  optionalString,
  parseObject,
  requiredBoolean,
  requiredCount,
  requiredString,
} from './fields.ts';
import { MAX_PASSWORD_BYTES } from './limits.ts';
import { NameError, parseRoomName } from './names.ts';
import { exceedsBytes } from './text.ts';

export type ControlCommand =
  | { readonly type: 'broadcast'; readonly ref: number; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly ref: number; readonly id: string; readonly text: string }
  | { readonly type: 'rooms'; readonly ref: number }
  | { readonly type: 'clients'; readonly ref: number; readonly room?: string }
  | { readonly type: 'kick'; readonly ref: number; readonly id: string; readonly reason?: string }
  | { readonly type: 'watch'; readonly ref: number }
  | { readonly type: 'verify'; readonly ref: number; readonly room?: string }
  | { readonly type: 'export'; readonly ref: number; readonly room: string }
  | { readonly type: 'repair'; readonly ref: number; readonly room: string; readonly yes: boolean }
  /** Then the log's lines, one after the other, and `imported`. */
  | { readonly type: 'import'; readonly ref: number; readonly room: string; readonly password: string | undefined }
  | { readonly type: 'imported'; readonly ref: number }
  | { readonly type: 'delete'; readonly ref: number; readonly room: string };

export interface RoomEntry {
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
  ['kick', decodeKick],
  ['watch', (_, ref) => ({ type: 'watch', ref })],
  ['verify', (f, ref) => ({ type: 'verify', ref, ...optionalRoom(f) })],
  ['export', (f, ref) => ({ type: 'export', ref, room: parseRoomName(requiredString(f, 'room')) })],
  [
    'repair',
    (f, ref) => ({ type: 'repair', ref, room: parseRoomName(requiredString(f, 'room')), yes: isTrue(f, 'yes') }),
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
    const decode = decoders.get(requiredString(fields, 'type'));
    if (decode === undefined) throw new BadField('There is no command of this type.');
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

function decodeKick(fields: Fields, ref: number): ControlCommand {
  const reason = optionalString(fields, 'reason');
  return { type: 'kick', ref, id: requiredString(fields, 'id'), ...(reason === undefined ? {} : { reason }) };
}

/** Fields that were forgotten must not open a room: that it is to have no password is said in so many words. */
function decodeImport(fields: Fields, ref: number): ControlCommand {
  const room = parseRoomName(requiredString(fields, 'room'));
  const password = optionalString(fields, 'password');
  if (isTrue(fields, 'open') === (password !== undefined)) {
    throw new BadField('Give either a "password" or "open": true. A log does not say whether its room had a password.');
  }
  if (password !== undefined && (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES))) {
    throw new BadField(`A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  return { type: 'import', ref, room, password };
}

function isTrue(fields: Fields, key: string): boolean {
  return fields[key] === undefined ? false : requiredBoolean(fields, key);
}
