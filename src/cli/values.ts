// Checks of what flags and variables hold, for commander: each failure is a sentence and exit code 2.

import { InvalidArgumentError } from 'commander';
import { NameError, parseDuration, parseNick, parseRoomName } from '../protocol/index.ts';

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

const SIZE_UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** Bytes, from a number with or without one of the units K, M, G and T, each 1,024 times the one before. */
export function byteSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmgt]?)$/.exec(text.toLowerCase()) ?? [];
  const bytes = Math.round(Number(number) * (isSizeUnit(unit) ? SIZE_UNITS[unit] : Number.NaN));
  if (!Number.isSafeInteger(bytes)) {
    throw new InvalidArgumentError('It takes a number of bytes, as in 500M or 2G; 0 stands for no limit.');
  }
  return bytes;
}

function isSizeUnit(unit: string): unit is keyof typeof SIZE_UNITS {
  return Object.hasOwn(SIZE_UNITS, unit);
}

/** `30s`, `15m`, `2h`, `7d`, in seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new InvalidArgumentError('It takes a time such as 30s, 15m, 2h or 7d, at most ten years.');
  }
  return seconds;
}

export function roomName(text: string): string {
  return named(parseRoomName, text);
}

/** A room's name, with or without a # before it, or its URL, which is read with the server's address. */
export function roomOrUrl(text: string): string {
  if (/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return roomName(text.startsWith('#') ? text.slice(1) : text);
}

export function nickName(text: string): string {
  return named(parseNick, text);
}

function named(parse: (text: string) => string, text: string): string {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof NameError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** For people; `at` is milliseconds since 1970. */
export function utc(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
}
