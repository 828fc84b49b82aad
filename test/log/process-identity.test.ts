import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { identityOf, isRunning } from '../../src/log/index.ts';
import { temporaryFolder } from './support.ts';

it('is the same as long as a process runs, and of nobody afterwards', async () => {
  const child = spawn('sleep', ['60']);
  onTestFinished(() => void child.kill());
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep does not run');
  expect(identity).toEqual({ pid: child.pid, started: expect.stringMatching(/./), boot: expect.stringMatching(/./) });
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, started: '1' })).toBe(false);
  expect(isRunning({ ...identity, boot: 'another' })).toBe(false);
  child.kill();
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
});

it.each([0, -1, 1.5, Number.NaN, 2 ** 31 - 1])('is of nobody for %d', (pid) => {
  expect(identityOf(pid)).toBeUndefined();
});

it.runIf(process.platform === 'linux')('is of nobody once it has ended, though its parent does not know', async () => {
  // A shell's child whose parent is then a program that never waits for it.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill());
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const pid = Number(line);
  while (identityOf(pid) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  expect(() => process.kill(pid, 0), 'it still has its pid').not.toThrow();
});

it.runIf(process.platform === 'linux')('is not confused by the name of a program', async () => {
  const program = join(temporaryFolder(), 'x) S 1 (y');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['60']);
  onTestFinished(() => void child.kill());
  await once(child, 'spawn');
  expect(Number(identityOf(child.pid ?? 0)?.started)).toBeGreaterThanOrEqual(Number(identityOf(process.pid)?.started));
});
