import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { identityOf, isRunning } from '../../src/log/index.ts';
import { temporaryFolder } from './support.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
  // A shell's child whose parent is a program that never waits for it by the time that it ends.
  const parent = spawn('sh', ['-c', 'read end <&3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  onTestFinished(() => void parent.kill());
  const { stdout, stdio } = parent;
  if (stdout === null) throw new Error('the shell has no output');
  const [line] = await once(createInterface({ input: stdout }), 'line');
  const pid = Number(line);
  while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await turn();
  const end = stdio[3];
  if (!(end instanceof Socket)) throw new Error('the child has no pipe');
  end.end();
  while (identityOf(pid) !== undefined) await turn();
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
