// How long something takes, in words, and as people type it.

import { MAX_BAN_SECONDS } from './limits.ts';

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `1 second`, `10 minutes`, `2 hours`, from milliseconds and rounded up: what is left is never said to be less. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  for (const [unit, length] of UNITS) {
    // Below two of a unit the next smaller one says more.
    if (seconds >= 2 * length || seconds === length) return counted(Math.ceil(seconds / length), unit);
  }
  return counted(seconds, 'second');
}

const SECONDS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
]);

/** `30s`, `15m`, `2h`, `7d`, in seconds; undefined for anything else, and for more than ten years. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS.get(unit) ?? Number.NaN);
  return seconds >= 1 && seconds <= MAX_BAN_SECONDS ? seconds : undefined;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
