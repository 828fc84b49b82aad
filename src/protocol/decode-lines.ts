// Decodes a server's lines on the client's side. A hostile server is possible: every field that is used is checked.

import { isErrorCode } from './error-codes.ts';
import {
  BadField,
  type Fields,
  objectItem,
  optionalCount,
  optionalString,
  parseObject,
  requiredArray,
  requiredBoolean,
  requiredCount,
  requiredString,
} from './fields.ts';
import type { MemberEntry, ServerLine } from './lines.ts';
import { decodeSettings } from './settings.ts';

const decoders = new Map<string, (fields: Fields) => ServerLine>([
  ['message', decodeMessage],
  [
    'notice',
    (f) => ({
      type: 'notice',
      seq: requiredCount(f, 'seq'),
      at: requiredCount(f, 'at'),
      text: requiredString(f, 'text'),
    }),
  ],
  ['welcome', decodeWelcome],
  ['key', (f) => ({ type: 'key', key: requiredString(f, 'key') })],
  ['live', (f) => ({ type: 'live', seq: requiredCount(f, 'seq') })],
  ['joined', (f) => ({ type: 'joined', at: requiredCount(f, 'at'), ...decodeMember(f) })],
  ['left', (f) => ({ type: 'left', at: requiredCount(f, 'at'), ...decodeMember(f) })],
  [
    'renamed',
    (f) => ({ type: 'renamed', at: requiredCount(f, 'at'), ...decodeMember(f), was: requiredString(f, 'was') }),
  ],
  ['crowd', decodeCrowd],
  ['members', decodeMembers],
  ['direct', (f) => ({ type: 'direct', at: requiredCount(f, 'at'), text: requiredString(f, 'text') })],
  ['settings', (f) => ({ type: 'settings', at: requiredCount(f, 'at'), ...decodeSettings(f) })],
  ['done', decodeDone],
  ['pong', () => ({ type: 'pong' })],
  ['error', decodeError],
]);

/**
 * One line from a server, or undefined for a type that this version does not know.
 * Throws BadField where the line is not what it claims to be.
 */
export function decodeLine(line: string): ServerLine | undefined {
  const fields = parseObject(line);
  return decoders.get(requiredString(fields, 'type'))?.(fields);
}

function decodeMember(fields: Fields): MemberEntry {
  return { id: requiredString(fields, 'id'), nick: requiredString(fields, 'nick') };
}

function decodeMessage(fields: Fields): ServerLine {
  const ref = optionalString(fields, 'ref');
  return {
    type: 'message',
    seq: requiredCount(fields, 'seq'),
    at: requiredCount(fields, 'at'),
    ...decodeMember(fields),
    text: requiredString(fields, 'text'),
    ...(ref === undefined ? {} : { ref }),
  };
}

function decodeWelcome(fields: Fields): ServerLine {
  const protocol = requiredCount(fields, 'protocol');
  if (protocol !== 1)
    throw new BadField(`The server speaks version ${protocol} of the protocol; this client speaks 1.`);
  const afterAt = optionalCount(fields, 'afterAt');
  const owner = optionalString(fields, 'owner');
  return {
    type: 'welcome',
    protocol,
    ...decodeMember(fields),
    room: requiredString(fields, 'room'),
    epoch: requiredString(fields, 'epoch'),
    seq: requiredCount(fields, 'seq'),
    after: requiredCount(fields, 'after'),
    ...(afterAt === undefined ? {} : { afterAt }),
    present: requiredCount(fields, 'present'),
    created: requiredBoolean(fields, 'created'),
    protected: requiredBoolean(fields, 'protected'),
    ...decodeSettings(fields),
    key: requiredString(fields, 'key'),
    ...(owner === undefined ? {} : { owner }),
  };
}

function decodeCrowd(fields: Fields): ServerLine {
  return {
    type: 'crowd',
    at: requiredCount(fields, 'at'),
    joined: requiredCount(fields, 'joined'),
    left: requiredCount(fields, 'left'),
    present: requiredCount(fields, 'present'),
  };
}

function decodeMembers(fields: Fields): ServerLine {
  const members = requiredArray(fields, 'members').map((item) => decodeMember(objectItem(item)));
  return { type: 'members', members, present: requiredCount(fields, 'present') };
}

function decodeDone(fields: Fields): ServerLine {
  const id = optionalString(fields, 'id');
  const nick = optionalString(fields, 'nick');
  const seconds = optionalCount(fields, 'for');
  return {
    type: 'done',
    command: requiredString(fields, 'command'),
    ...(id === undefined ? {} : { id }),
    ...(nick === undefined ? {} : { nick }),
    ...(seconds === undefined ? {} : { for: seconds }),
  };
}

function decodeError(fields: Fields): ServerLine {
  const code = requiredString(fields, 'code');
  const ref = optionalString(fields, 'ref');
  const retryAfter = optionalCount(fields, 'retryAfter');
  return {
    type: 'error',
    code: isErrorCode(code) ? code : 'unknown',
    message: requiredString(fields, 'message'),
    ...(ref === undefined ? {} : { ref }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
