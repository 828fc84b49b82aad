// What a session writes down so that it goes on after its program was reloaded: who it is in the room, and what it has said
// that the room may not have. Not how far it has read: what it has shown is gone. Never a password.

import {
  BadField,
  type Fields,
  objectItem,
  optionalBoolean,
  optionalCount,
  optionalObject,
  optionalString,
  parseObject,
  requiredArray,
  requiredString,
} from '../protocol/index.ts';

export interface Identity {
  readonly id: string;
  readonly key: string;
}

export interface SavedMessage {
  readonly ref: string;
  readonly text: string;
  /** The id that it was sent under; undefined while it waits. */
  readonly under: string | undefined;
}

export interface SavedMembership {
  readonly identity: Identity | undefined;
  readonly attempt: number;
  readonly claim: string | undefined;
  readonly protectedOnly: boolean;
}

export interface SavedSession extends SavedMembership {
  /** The nick that it has had in the room. */
  readonly nick: string | undefined;
  readonly outbox: readonly SavedMessage[];
}

/** Where a session is written down, as text. It must not throw: where nothing can be kept, nothing is. */
export interface SessionStore {
  read(): string | undefined;
  write(saved: string): void;
}

/** What is written there; what somebody else wrote there counts as nothing. */
export function readSaved(store: SessionStore | undefined): SavedSession {
  try {
    return parseSaved(parseObject(store?.read() ?? '{}'));
  } catch (error) {
    if (error instanceof BadField) return parseSaved({});
    throw error;
  }
}

function parseSaved(fields: Fields): SavedSession {
  const identity = optionalObject(fields, 'identity');
  return {
    identity: identity && { id: requiredString(identity, 'id'), key: requiredString(identity, 'key') },
    attempt: optionalCount(fields, 'attempt') ?? 0,
    claim: optionalString(fields, 'claim'),
    protectedOnly: optionalBoolean(fields, 'protectedOnly') ?? false,
    nick: optionalString(fields, 'nick'),
    outbox: fields.outbox === undefined ? [] : requiredArray(fields, 'outbox').map(parseMessage),
  };
}

function parseMessage(item: unknown): SavedMessage {
  const fields = objectItem(item);
  return {
    ref: requiredString(fields, 'ref'),
    text: requiredString(fields, 'text'),
    under: optionalString(fields, 'under'),
  };
}
