// Builds and starts the child processes of the log's tests and soaks.
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Bundles test/log/child.ts, so that a child starts in a moment. Answers the folder, to be removed, and the script. */
export async function buildChild(): Promise<{ folder: string; script: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-child-'));
  // As a command: a soak is itself a bundle, and tsup cannot be part of one.
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js');
  const options = ['--no-config', '--format', 'esm', '--target', 'node20', '--platform', 'node', '--silent'];
  await promisify(execFile)(process.execPath, [tsup, 'test/log/child.ts', '--out-dir', folder, ...options]);
  renameSync(join(folder, 'child.js'), join(folder, 'child.mjs'));
  return { folder, script: join(folder, 'child.mjs') };
}

export type Child = { readonly process: ChildProcess; readonly said: string };

/** Starts a child and waits for the first line that it says, or for its end. */
export function startChild(script: string, ...args: string[]): Promise<Child> {
  return startProgram([process.execPath, script, ...args]);
}

/** The same for any program; with `uid` and `gid` as another user. */
export async function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  options: Pick<SpawnOptions, 'uid' | 'gid'> = {},
): Promise<Child> {
  const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  return { process: child, said: typeof value === 'string' ? value : '' };
}

/** Ends a child with SIGKILL, unless it has ended, and waits until it is gone. */
export async function kill(child: Child): Promise<void> {
  if (child.process.exitCode !== null || child.process.signalCode !== null) return;
  const gone = once(child.process, 'exit');
  child.process.kill('SIGKILL');
  await gone;
}
