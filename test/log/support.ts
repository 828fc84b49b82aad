// What the log's tests share: temporary directories that go away, lines as a room writes them, and options.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type DataDirectory,
  type DataDirectoryOptions,
  type LogEvent,
  openDataDirectory,
  type RoomLog,
} from '../../src/log/index.ts';

export const nobody = { durable: () => {} };

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export type Opened = { directory: DataDirectory; events: LogEvent[]; failures: unknown[] };

/** Opens a data directory that is closed when the test ends, with what it reported. */
export async function opened(path: string, options: Partial<DataDirectoryOptions> = {}): Promise<Opened> {
  const events: LogEvent[] = [];
  const failures: unknown[] = [];
  const directory = await openDataDirectory(path, {
    sync: 'interval',
    report: (event) => events.push(event),
    fatal: (error) => failures.push(error),
    ...options,
  });
  onTestFinished(() => directory.close().catch(() => {}));
  return { directory, events, failures };
}

export function line(seq: number, text = `message ${seq}`): string {
  return `${JSON.stringify({ type: 'message', seq, at: 1_763_798_400_000, id: 'a1', nick: 'bob', text })}\n`;
}

export function notice(seq: number, text: string): string {
  return `${JSON.stringify({ type: 'notice', seq, at: 1_763_798_400_000, text })}\n`;
}

/** Appends the next `count` lines, one batch each, and answers them. */
export function appendLines(log: RoomLog, count: number): string[] {
  return Array.from({ length: count }, () => {
    const seq = log.lastSeq + 1;
    log.append(Buffer.from(line(seq)), seq);
    return line(seq);
  });
}

/** Everything up to the durable end, as a member would read it. */
export async function readAll(log: RoomLog, from = 0): Promise<string> {
  const target = Buffer.alloc(64 * 1024);
  const parts: string[] = [];
  for (let position = from; ; ) {
    const count = await log.read(position, target, 0);
    if (count === 0) return parts.join('');
    parts.push(target.toString('utf8', 0, count));
    position += count;
  }
}

export function seqs(text: string): number[] {
  return [...text.matchAll(/"seq":(\d+),/g)].map((match) => Number(match[1]));
}

export function rises(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0));
}

/** A small generator, so that a failing run can be repeated from its seed. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
