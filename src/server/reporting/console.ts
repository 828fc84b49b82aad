// The server's console: one line for each event on standard output, text for people or NDJSON for programs. It is
// written once a turn and never stalls the server: what cannot be written is kept up to 1 MiB, then dropped and counted.

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { printableLine, safeJson } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import type { Flushable, Turn } from '../common/turn.ts';
import { encodeEvent, type ServerEvent } from './events.ts';
import { textless, withoutText } from './without-texts.ts';

const MOST_KEPT_BYTES = 1024 * 1024;
const RETRY_MS = 50;

/** A descriptor that writes without waiting: throws EAGAIN instead. */
export type NonBlockingWrite = (bytes: Buffer) => number;

export class Console implements Flushable {
  #lines = '';
  #kept: Buffer | undefined;
  #dropped = 0;
  #waiting = false;
  #broken = false;
  readonly #turn: Turn;
  readonly #clock: Clock;
  readonly #format: Format;
  readonly #write: NonBlockingWrite;

  constructor(turn: Turn, clock: Clock, format: Format, write: NonBlockingWrite) {
    this.#turn = turn;
    this.#clock = clock;
    this.#format = format;
    this.#write = write;
  }

  readonly print = (event: ServerEvent): void => {
    if (this.#broken) return;
    if (this.#lines.length + (this.#kept?.length ?? 0) > MOST_KEPT_BYTES) {
      this.#dropped++;
      this.#turn.mark(this);
    } else {
      if (this.#lines === '') this.#turn.mark(this);
      this.#lines += this.#format(event);
    }
  };

  flush(): void {
    if (this.#waiting || this.#broken) return;
    const fresh = Buffer.from(this.#lines);
    this.#lines = '';
    let rest = this.#kept === undefined ? fresh : Buffer.concat([this.#kept, fresh]);
    this.#kept = undefined;
    try {
      while (rest.length > 0) rest = rest.subarray(this.#write(rest));
    } catch (error) {
      this.#writeFailed(error, rest);
      return;
    }
    if (this.#dropped > 0) {
      const message = `${this.#dropped} console lines were dropped: nobody read them.`;
      this.#dropped = 0;
      this.print({ event: 'warning', at: this.#clock.now(), message });
    }
  }

  #writeFailed(error: unknown, rest: Buffer): void {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
      // Whoever read it has left; the server goes on.
      this.#broken = true;
      return;
    }
    this.#kept = rest;
    this.#waiting = true;
    this.#clock.after(RETRY_MS, () => {
      this.#waiting = false;
      this.flush();
    });
  }
}

/**
 * Standard output without waiting. A terminal or a pipe is opened anew for that, so that nobody who shares the
 * descriptor is affected; a file never makes anybody wait.
 */
export function nonBlockingStdout(): NonBlockingWrite {
  // Opened anew, a file would have an offset of its own, and others that write to it would write over its lines.
  if (fstatSync(1).isFile()) return (bytes) => writeSync(1, bytes);
  let fd = 1;
  try {
    fd = openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    // Sockets cannot be opened anew, and other systems have no /proc: there the console waits for its reader.
  }
  return (bytes) => writeSync(fd, bytes);
}

export type Format = (event: ServerEvent) => string;

/**
 * How the console prints an event; without `texts` what people say is left out. `rows` breaks a line for people into rows
 * of a terminal, where the console is one.
 */
export function formatOf(logFormat: 'text' | 'json', texts: boolean, rows?: (line: string) => string): Format {
  if (logFormat === 'json') return texts ? formatJson : (event) => `${safeJson(textless(event))}\n`;
  const format: Format = texts ? formatText : (event) => formatText(withoutText(event));
  return rows === undefined ? format : (event) => `${rows(format(event).slice(0, -1))}\n`;
}

/** NDJSON. */
export const formatJson: Format = encodeEvent;

/** A line for people: local time, room, what happened. */
export function formatText(event: ServerEvent): string {
  return `${localTime(event.at)} ${printableLine(describe(event))}\n`;
}

let second = Number.NaN;
let secondText = '';

/** HH:MM:SS, made once a second: formatting a date costs more than the rest of the line. */
function localTime(at: number): string {
  const now = Math.floor(at / 1000);
  if (now !== second) {
    second = now;
    secondText = new Date(at).toTimeString().slice(0, 8);
  }
  return secondText;
}

function describe(event: ServerEvent): string {
  switch (event.event) {
    case 'started':
      return `listening on ${event.url}${elsewhere(event.others)}, data in ${event.data}, sync ${event.sync}`;
    case 'stopping':
      return `stopping: ${event.reason}`;
    case 'stopped':
      return 'stopped';
    case 'joined': {
      const how = `${event.speaker ? ' as a speaker' : ''}${event.resumed ? ' again' : ''}`;
      return `${event.room}: ${event.nick} joined${how} (${event.id} from ${event.address})${event.created ? ', a new room' : ''}`;
    }
    case 'left':
      return `${event.room}: ${event.nick} left (${event.id}, ${event.code}${event.reason === '' ? '' : ` ${event.reason}`})`;
    case 'renamed':
      return `${event.room}: ${event.was} is now ${event.nick}`;
    case 'message':
      return `${event.room}: <${event.nick}> ${event.text}`;
    case 'notice':
      return `${event.room}: * ${event.text}`;
    case 'direct':
      return `${event.room}: * to ${event.nick} alone: ${event.text}`;
    case 'control': {
      const about = [event.command, event.room, event.id, event.target].filter((part) => part !== undefined).join(' ');
      return `admin from ${event.address}: ${about}${event.error === undefined ? '' : `, refused: ${event.error}`}`;
    }
    case 'owner': {
      const about = [event.command, event.target].filter((part) => part !== undefined).join(' ');
      return `${event.room}: ${event.nick}, as an owner: ${about}${event.error === undefined ? '' : `, refused: ${event.error}`}`;
    }
    case 'token_refused':
      return event.count === 1
        ? `the control path refused a connection from ${event.address}: no valid token`
        : `the control path refused ${event.count} more connections, the latest from ${event.address}`;
    case 'warning':
      return `warning: ${event.room === undefined ? '' : `${event.room}: `}${event.message}`;
  }
}

function elsewhere(urls: readonly string[]): string {
  return urls.length === 0 ? '' : ` (from other machines: ${urls.join(', ')})`;
}
