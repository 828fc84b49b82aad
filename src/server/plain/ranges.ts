// The part of a log that a request is for: RFC 9110 §13 (preconditions) and §14 (ranges), for something that only grows at
// its end.

import type { IncomingHttpHeaders } from 'node:http';
import type { ReadableLog } from '../../log/index.ts';

/** Bytes, from the beginning of what was asked for. */
export interface Part {
  readonly from: number;
  /** The byte behind the last one. */
  readonly to: number;
}

/** The tag of a log that ends at `end`: the log, and its last line. */
export function tagOf(log: ReadableLog, end: number): string {
  const { after, at = 0 } = log.findAt(end);
  return `"${log.meta.epoch}.${after}.${at}"`;
}

/** RFC 9110 §13.1.2: weak comparison. */
export function isKnown(tag: string, known: string | undefined): boolean {
  const tags = known?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(tag) || tags.includes('*');
}

/**
 * The part that is asked for, undefined for all of it, or `none` where it has no byte. A range that cannot be understood, or
 * several, are left out of account, as RFC 9110 §14.2 allows.
 */
export function partOf(log: ReadableLog, length: number, headers: IncomingHttpHeaders): Part | 'none' | undefined {
  const { range, 'if-range': condition } = headers;
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (typeof condition === 'string' && !wasOf(log, condition)) return undefined;
  if (first === '') {
    const from = Math.max(0, length - Number(last));
    return from < length ? { from, to: length } : 'none';
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return undefined;
  const to = last === '' ? length : Math.min(length, Number(last) + 1);
  return from < length ? { from, to } : 'none';
}

/** Whether a tag is this log's, now or earlier: whatever it had then it still has. */
function wasOf(log: ReadableLog, tag: string): boolean {
  const [epoch, seq, at] = tag.replaceAll('"', '').split('.');
  if (epoch !== log.meta.epoch || !/^\d{1,15}$/.test(seq ?? '')) return false;
  const found = log.findAfter(Number(seq));
  return found !== undefined && found.after === Number(seq) && String(found.at ?? 0) === at;
}
