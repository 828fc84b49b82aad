// What the server tells the people who run it: the console's lines, and the same for `admin watch`.

import { safeJson } from '../protocol/index.ts';

/** `at` is milliseconds since 1970 (UTC). A message's and a notice's `line` is its line of the log, newline included. */
export type ServerEvent =
  | {
      readonly event: 'started';
      readonly at: number;
      readonly url: string;
      readonly data: string;
      readonly sync: string;
    }
  | { readonly event: 'stopping'; readonly at: number; readonly reason: string }
  | { readonly event: 'stopped'; readonly at: number }
  | {
      readonly event: 'joined';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly address: string;
      readonly speaker: boolean;
      readonly resumed: boolean;
      readonly created: boolean;
    }
  | {
      readonly event: 'left';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly event: 'renamed';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly was: string;
    }
  | {
      readonly event: 'message';
      readonly at: number;
      readonly room: string;
      readonly nick: string;
      readonly text: string;
      readonly line: string;
    }
  | {
      readonly event: 'notice';
      readonly at: number;
      readonly room: string;
      readonly text: string;
      readonly line: string;
    }
  | {
      readonly event: 'direct';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly text: string;
    }
  | { readonly event: 'warning'; readonly at: number; readonly room?: string; readonly message: string };

/** An event as one line of JSON, newline included. Lines of the log are taken over as they are, not encoded again. */
export function encodeEvent(event: ServerEvent): string {
  if (event.event !== 'message' && event.event !== 'notice') return `${safeJson(event)}\n`;
  return `{"event":"${event.event}","room":${safeJson(event.room)},${event.line.slice(1)}`;
}

const NAMES: { readonly [name in ServerEvent['event']]: true } = {
  started: true,
  stopping: true,
  stopped: true,
  joined: true,
  left: true,
  renamed: true,
  message: true,
  notice: true,
  direct: true,
  warning: true,
};

/** An event that encodeEvent made, or undefined for one of a newer server. Its fields are taken for what they say. */
export function parseEvent(line: string): ServerEvent | undefined {
  const value: unknown = JSON.parse(line);
  return isEvent(value) ? value : undefined;
}

function isEvent(value: unknown): value is ServerEvent {
  if (typeof value !== 'object' || value === null || !('event' in value && 'at' in value)) return false;
  return typeof value.event === 'string' && Object.hasOwn(NAMES, value.event) && typeof value.at === 'number';
}

/** Where events go. Must not throw and must not block. */
export type EventSink = (event: ServerEvent) => void;
