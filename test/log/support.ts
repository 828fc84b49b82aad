// What the log's tests share: temporary directories that go away, and data directories that are closed.
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
import { line } from './support-lines.ts';

export const nobody = { durable: () => {}, late: () => {} };

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
  onTestFinished(async () => void (await directory.close().catch(() => {})));
  return { directory, events, failures };
}

/** Appends the next `count` lines, one batch each, and answers them. */
export function appendLines(log: RoomLog, count: number): string[] {
  return Array.from({ length: count }, () => {
    const seq = log.lastSeq + 1;
    log.append(Buffer.from(line(seq)), seq);
    return line(seq);
  });
}

/** Resolves once all that was appended may be read and told. */
export async function durable(log: RoomLog): Promise<void> {
  while (log.durableEnd < log.appendedEnd) await new Promise((soon) => setImmediate(soon));
}

/** As `appendLines`, and waits until they may be read. */
export async function keepLines(log: RoomLog, count: number): Promise<string[]> {
  const lines = appendLines(log, count);
  await durable(log);
  return lines;
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
