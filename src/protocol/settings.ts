// What may be set for a room by its owner or an admin: its topic, whether it is read-only, and slow mode.

import { BadField, type Fields, optionalBoolean, optionalCount, optionalString } from './fields.ts';
import { MAX_SLOW_SECONDS, MAX_TOPIC_BYTES } from './limits.ts';
import { exceedsBytes } from './text.ts';

/** What a room is told to have. A field that is missing is not set. */
export interface Settings {
  readonly topic?: string;
  /** Only owners may write. */
  readonly readonly?: true;
  /** Seconds between two messages of one client. */
  readonly slow?: number;
}

/** What is to be changed. A field that is missing stays as it is; an empty topic, `false` and 0 take away. */
export interface SettingsChange {
  readonly topic?: string;
  readonly readonly?: boolean;
  readonly slow?: number;
}

/** As a server's lines carry them. Throws BadField. */
export function decodeSettings(fields: Fields): Settings {
  const topic = optionalString(fields, 'topic');
  const readonly = optionalBoolean(fields, 'readonly') ?? false;
  const slow = optionalCount(fields, 'slow');
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(readonly ? { readonly } : {}),
    ...(slow === undefined ? {} : { slow }),
  };
}

/** As a command carries them. Throws BadField. */
export function decodeSettingsChange(fields: Fields): SettingsChange {
  const topic = optionalString(fields, 'topic');
  const readonly = optionalBoolean(fields, 'readonly');
  const slow = optionalCount(fields, 'slow');
  if (topic !== undefined && exceedsBytes(topic, MAX_TOPIC_BYTES)) {
    throw new BadField(`A topic has at most ${MAX_TOPIC_BYTES} bytes.`);
  }
  if (slow !== undefined && slow > MAX_SLOW_SECONDS) {
    throw new BadField(`"slow" must be from 0 to ${MAX_SLOW_SECONDS} seconds.`);
  }
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(readonly === undefined ? {} : { readonly }),
    ...(slow === undefined ? {} : { slow }),
  };
}
