// Around the whole run: whatever a test started has to be gone when the last test is. Started processes inherit a mark by
// their environment, which Linux shows; one that is still there fails the run, and is named and ended.

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const MARK = 'ROOMCHAT_TEST_RUN';
/** One that is on its way out is given this long. */
const PATIENCE_MS = 10_000;

export default function setUp(): (() => Promise<void>) | undefined {
  if (process.platform !== 'linux') return undefined;
  const mark = `${MARK}=${randomUUID()}`;
  process.env[MARK] = mark.slice(MARK.length + 1);
  return async () => {
    let left = started(mark);
    for (const until = Date.now() + PATIENCE_MS; left.length > 0 && Date.now() < until; left = started(mark)) {
      await pause(100);
    }
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (left.length === 0) return;
    const names = left.map(({ pid, command }) => `${pid}: ${command}`);
    console.error(`These processes were left running by the tests:\n${names.join('\n')}`);
    process.exitCode = 1;
  };
}

/** The processes with this mark, but for this one and the workers that vitest itself ends. */
function started(mark: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(mark)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        // A zombie has no command line: it is gone, and its parent has not looked yet.
        if (command === '' || /node_modules\/(vitest|esbuild|@esbuild)\//.test(command)) return [];
        return [{ pid: Number(name), command }];
      } catch {
        // Gone meanwhile, or another user's.
        return [];
      }
    });
}
