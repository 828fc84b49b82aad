// Runs the tests with other releases of Node, each fetched as npm's package `node` into a temporary folder:
//   npm run test:node -- 22 24 26
//   npm run test:node -- 26 test/server test/e2e/protocol
// What they test is the build that is there. Ends with the status of the first that failed.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const releases = process.argv.slice(2).filter((word) => /^\d/.test(word));
/** Which tests: without any, all. */
const tests = process.argv.slice(2).filter((word) => !/^\d/.test(word));
if (releases.length === 0) {
  console.error('Name the releases of Node to test with: npm run test:node -- 22 24 26');
  process.exit(2);
}

let failed = 0;
for (const release of releases) {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-node-'));
  // Some tests run it as another user.
  chmodSync(folder, 0o755);
  try {
    const bin = fetchNode(release, folder);
    console.log(`\nNode ${run('node', ['--version'], bin, 'pipe').stdout}`);
    failed ||= run('node', ['node_modules/vitest/vitest.mjs', 'run', ...tests], bin, 'inherit').status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exit(failed);

/** The folder of the executable. */
function fetchNode(release, folder) {
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel', 'error', `node@${release}`];
  const { status } = spawnSync('npm', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm install node@${release} failed.`);
  return join(folder, 'node_modules', 'node', 'bin');
}

function run(command, args, bin, stdio) {
  const PATH = `${bin}${delimiter}${process.env.PATH}`;
  return spawnSync(command, args, { stdio, encoding: 'utf8', env: { ...process.env, PATH } });
}
