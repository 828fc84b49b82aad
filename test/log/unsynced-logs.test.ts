import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type UnsyncedLog, UnsyncedLogs } from '../../src/log/unsynced-logs.ts';

let logs: UnsyncedLogs;
/** The names of the logs whose syncs have begun, and of those that were called late. */
let begun: string[];
let late: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  logs = new UnsyncedLogs();
  begun = [];
  late = [];
  onTestFinished(() => {
    logs.close();
    vi.useRealTimers();
  });
});

class FakeLog implements UnsyncedLog {
  unsyncedSince: number | undefined = performance.now();
  isSyncing = false;
  #returns = () => {};
  readonly #name: string;
  readonly #hangs: boolean;

  constructor(name: string, hangs = false) {
    this.#name = name;
    this.#hangs = hangs;
    logs.add(this);
  }

  async syncOnce(): Promise<void> {
    begun.push(this.#name);
    this.isSyncing = true;
    if (this.#hangs) await new Promise<void>((resolve) => (this.#returns = resolve));
    this.isSyncing = false;
    this.unsyncedSince = undefined;
    logs.remove(this);
  }

  becomeLate(): void {
    late.push(this.#name);
  }

  return(): void {
    this.#returns();
  }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

it('syncs the oldest first, a second after the first was written, and then all that came meanwhile', async () => {
  new FakeLog('first');
  await pass(400);
  const older = new FakeLog('third');
  await pass(300);
  new FakeLog('second');
  await pass(100);
  // It was synced and written to again: the moment counts, not the place in the queue.
  older.unsyncedSince = performance.now();
  expect(begun).toEqual([]);
  await pass(200);
  expect(begun).toEqual(['first', 'second', 'third']);
  await pass(10_000);
  expect(begun).toHaveLength(3);
});

it('begins a round each second, whether the one before is over or not', async () => {
  const hanging = new FakeLog('hanging', true);
  for (let round = 1; round <= 5; round += 1) {
    new FakeLog(`log ${round}`);
    await pass(1_000);
    expect(begun).toEqual(['hanging', ...Array.from({ length: round }, (_, i) => `log ${i + 1}`)]);
  }
  hanging.return();
  await pass(0);
  expect(logs.oldestAge).toBe(0);
});

it('says which logs are late while their sync does not come', async () => {
  new FakeLog('a', true);
  new FakeLog('b', true);
  await pass(1_000);
  new FakeLog('waiting');
  await pass(500);
  expect(late).toEqual([]);
  await pass(250);
  expect(late).toEqual(['a', 'b']);
  expect(logs.oldestAge).toBe(1_750);
  await pass(1_000);
  expect(late).toContain('waiting');
});
