// What a client says to a room: the types of its lines, and their decoding with every field checked.

import { ProtocolError } from './error-codes.ts';
import {
  BadField,
  type Fields,
  optionalBoolean,
  optionalCount,
  optionalObject,
  optionalString,
  parseObject,
  requiredCount,
  requiredString,
} from './fields.ts';
import {
  MAX_CLAIM_CHARACTERS,
  MAX_OWNER_KEY_CHARACTERS,
  MAX_PASSWORD_BYTES,
  MAX_REF_CHARACTERS,
  MAX_TEXT_BYTES,
  MIN_CLAIM_CHARACTERS,
} from './limits.ts';
import { NameError, parseNick } from './names.ts';
import { type OwnerCommand, ownerDecoders } from './owner-commands.ts';
import { exceedsBytes, exceedsCharacters } from './text.ts';

export interface ResumeRequest {
  readonly id: string;
  readonly key: string;
  /** Rises with each attempt of one client; of two connections the one with the lower is refused. */
  readonly attempt: number;
}

export interface JoinCommand {
  readonly type: 'join';
  readonly nick?: string;
  readonly password?: string;
  /** Join only where a password protects the room, if need be the one of this very join; else nothing happens. */
  readonly protected?: true;
  readonly since?: number;
  /** With since: when the line with that seq was said, by which the server knows that it is the same line. */
  readonly sinceAt?: number;
  readonly last?: number;
  readonly epoch?: string;
  readonly resume?: ResumeRequest;
  /** Random, and a secret: whoever has not seen a welcome yet joins again with the same one, and is the same client. */
  readonly claim?: string;
  readonly as?: 'speaker';
  /** The key of the room's owners, of an earlier welcome: whoever has it is one. */
  readonly owner?: string;
}

export interface SayCommand {
  readonly type: 'say';
  readonly text: string;
  readonly ref?: string;
}

export interface NickCommand {
  readonly type: 'nick';
  readonly nick: string;
}

export interface WhoCommand {
  readonly type: 'who';
}

export interface PingCommand {
  readonly type: 'ping';
}

export type Command = JoinCommand | SayCommand | NickCommand | WhoCommand | PingCommand | OwnerCommand;

const WHO: WhoCommand = { type: 'who' };
const PING: PingCommand = { type: 'ping' };

const decoders = new Map<string, (fields: Fields) => Command>([
  ['join', decodeJoin],
  ['say', decodeSay],
  ['nick', (fields) => ({ type: 'nick', nick: parseNick(requiredString(fields, 'nick')) })],
  ['who', () => WHO],
  ['ping', () => PING],
]);

/**
 * One line from a client. Throws ProtocolError and nothing else: `bad_request` for what is not a valid command,
 * `too_long` for a text over 16 KiB.
 */
export function decodeCommand(line: string): Command {
  try {
    const fields = parseObject(line);
    const type = requiredString(fields, 'type');
    const decode = decoders.get(type) ?? ownerDecoders.get(type);
    if (decode === undefined) throw new BadField('There is no such command.');
    return decode(fields);
  } catch (error) {
    if (error instanceof BadField || error instanceof NameError) throw new ProtocolError('bad_request', error.message);
    throw error;
  }
}

export function encodeCommand(command: Command): string {
  return JSON.stringify(command);
}

function decodeJoin(fields: Fields): JoinCommand {
  const nick = optionalString(fields, 'nick');
  const password = optionalString(fields, 'password');
  const isProtected = optionalBoolean(fields, 'protected') ?? false;
  const since = optionalCount(fields, 'since');
  const sinceAt = optionalCount(fields, 'sinceAt');
  const last = optionalCount(fields, 'last');
  const epoch = optionalString(fields, 'epoch');
  const resume = optionalObject(fields, 'resume');
  const claim = optionalString(fields, 'claim');
  const as = optionalString(fields, 'as');
  const owner = optionalString(fields, 'owner');
  if (since !== undefined && last !== undefined) throw new BadField('Of "since" and "last" a join takes at most one.');
  if (password !== undefined && (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES))) {
    throw new BadField(`A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  if (claim !== undefined && !isClaim(claim)) {
    throw new BadField(`"claim" has ${MIN_CLAIM_CHARACTERS} to ${MAX_CLAIM_CHARACTERS} characters.`);
  }
  if (owner !== undefined && exceedsCharacters(owner, MAX_OWNER_KEY_CHARACTERS)) {
    throw new BadField(`"owner" has at most ${MAX_OWNER_KEY_CHARACTERS} characters.`);
  }
  if (as !== undefined && as !== 'speaker') throw new BadField('"as" must be "speaker".');
  return {
    type: 'join',
    ...(nick === undefined ? {} : { nick: parseNick(nick) }),
    ...(password === undefined ? {} : { password }),
    ...(isProtected ? { protected: true } : {}),
    ...(since === undefined ? {} : { since }),
    ...(sinceAt === undefined ? {} : { sinceAt }),
    ...(last === undefined ? {} : { last }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(resume === undefined ? {} : { resume: decodeResume(resume) }),
    ...(claim === undefined ? {} : { claim }),
    ...(as === undefined ? {} : { as }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function isClaim(text: string): boolean {
  return exceedsCharacters(text, MIN_CLAIM_CHARACTERS - 1) && !exceedsCharacters(text, MAX_CLAIM_CHARACTERS);
}

function decodeResume(fields: Fields): ResumeRequest {
  return {
    id: requiredString(fields, 'id'),
    key: requiredString(fields, 'key'),
    attempt: requiredCount(fields, 'attempt'),
  };
}

function decodeSay(fields: Fields): SayCommand {
  const ref = optionalString(fields, 'ref');
  if (ref !== undefined && (ref === '' || exceedsCharacters(ref, MAX_REF_CHARACTERS))) {
    throw new BadField(`"ref" has 1 to ${MAX_REF_CHARACTERS} characters.`);
  }
  const text = requiredString(fields, 'text');
  if (exceedsBytes(text, MAX_TEXT_BYTES)) {
    throw new ProtocolError('too_long', `A message has at most ${MAX_TEXT_BYTES} bytes.`, ref);
  }
  return ref === undefined ? { type: 'say', text } : { type: 'say', text, ref };
}
