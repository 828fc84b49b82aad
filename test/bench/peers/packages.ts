// The peers that are no dependency of the project: installed for the bench alone, into a temporary folder that later
// runs find again, or skipped. Nothing of them is ever run at the installation.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PACKAGES = {
  uWebSockets: { name: 'uwebsockets', version: '3.0.6' },
  // The package that holds the program; `bun` itself only fetches it.
  bun: { name: `@oven/bun-${process.platform}-${process.arch}`, version: '1.4.5' },
} as const;

const INSTALL_MS = 180_000;

export function packagesFolder(): string {
  return process.env.ROOMCHAT_BENCH_PEERS ?? join(tmpdir(), 'roomchat-bench-peers');
}

/** Whether the package is there, now at the latest. */
export function isInstalled({ name, version }: { readonly name: string; readonly version: string }): boolean {
  const folder = packagesFolder();
  const there = () => existsSync(join(folder, 'node_modules', name, 'package.json'));
  if (there()) return true;
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{"private":true}\n');
  process.stderr.write(`installing ${name}@${version} for the bench into ${folder}\n`);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
  spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS });
  return there();
}
