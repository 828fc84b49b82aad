// What the server tells the people who run it: the console's lines, and the same for `admin watch`.

import { hasShape, type Shape, safeJson } from '../../protocol/index.ts';

/**
 * `at` is milliseconds since 1970 (UTC). A message's and a notice's `line` is its line of the log, newline included;
 * `elsewhere`: it was said at another server of the cluster, which tells it as well.
 */
export type ServerEvent =
  | {
      readonly event: 'started';
      readonly at: number;
      readonly url: string;
      /** Where other machines reach it. */
      readonly others: readonly string[];
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
      readonly elsewhere?: boolean;
    }
  | {
      readonly event: 'notice';
      readonly at: number;
      readonly room: string;
      readonly text: string;
      readonly line: string;
      readonly elsewhere?: boolean;
    }
  | {
      readonly event: 'direct';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly text: string;
    }
  /** A command of an admin that was done, or with `error` refused; `room`, `id` and `target` (of a ban) where it names one. */
  | {
      readonly event: 'control';
      readonly at: number;
      readonly address: string;
      readonly command: string;
      readonly room?: string;
      readonly id?: string;
      readonly target?: string;
      readonly error?: string;
    }
  /** What an owner of a room did, or with `error` was refused; `target` is the id or the nick of whom it was about. */
  | {
      readonly event: 'owner';
      readonly at: number;
      readonly room: string;
      readonly id: string;
      readonly nick: string;
      readonly command: string;
      readonly target?: string;
      readonly error?: string;
    }
  /** So many tokens were refused since the last such event; `address` is where the latest came from. */
  | { readonly event: 'token_refused'; readonly at: number; readonly address: string; readonly count: number }
  | { readonly event: 'warning'; readonly at: number; readonly room?: string; readonly message: string };

/** An event as one line of JSON, newline included. Lines of the log are taken over as they are, not encoded again. */
export function encodeEvent(event: ServerEvent): string {
  if (event.event !== 'message' && event.event !== 'notice') return `${safeJson(event)}\n`;
  const where = event.elsewhere === true ? '"elsewhere":true,' : '';
  return `{"event":"${event.event}","room":${safeJson(event.room)},${where}${event.line.slice(1)}`;
}

const SOMEBODY = { room: 'string', id: 'string', nick: 'string' } as const;

const SHAPES: { readonly [name in ServerEvent['event']]: Shape } = {
  started: { url: 'string', others: 'string[]', data: 'string', sync: 'string' },
  stopping: { reason: 'string' },
  stopped: {},
  joined: { ...SOMEBODY, address: 'string', speaker: 'boolean', resumed: 'boolean', created: 'boolean' },
  left: { ...SOMEBODY, code: 'number', reason: 'string' },
  renamed: { ...SOMEBODY, was: 'string' },
  message: { room: 'string', nick: 'string', text: 'string', elsewhere: 'boolean?' },
  notice: { room: 'string', text: 'string', elsewhere: 'boolean?' },
  direct: { ...SOMEBODY, text: 'string' },
  control: {
    address: 'string',
    command: 'string',
    room: 'string?',
    id: 'string?',
    target: 'string?',
    error: 'string?',
  },
  owner: { ...SOMEBODY, command: 'string', target: 'string?', error: 'string?' },
  token_refused: { address: 'string', count: 'number' },
  warning: { room: 'string?', message: 'string' },
};

/** An event that encodeEvent made; undefined for one of a newer server, and for anything else. */
export function parseEvent(line: string): ServerEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is ServerEvent {
  if (!hasShape(value, { event: 'string', at: 'number' })) return false;
  const [, shape] = Object.entries(SHAPES).find(([name]) => name === value.event) ?? [];
  return shape !== undefined && hasShape(value, shape);
}

/** Where events go. Must not throw and must not block. */
export type EventSink = (event: ServerEvent) => void;
