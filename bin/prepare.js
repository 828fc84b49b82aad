// `npm ci` builds the command, but an install without the development packages has nothing to build it with,
// and the packed tarball already holds the build. What is built is not built again: `npx roomchat` prepares the checkout
// too, and for a moment there would be no command for whoever runs it already.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
let tsup;
try {
  tsup = require.resolve('tsup/dist/cli-default.js');
} catch {
  process.exit(0);
}
if (isBuilt()) process.exit(0);
const { status } = spawnSync(process.execPath, [tsup, '--silent'], { stdio: 'inherit' });
process.exit(status ?? 1);

/** Whether the build is younger than all that it is made of. */
function isBuilt() {
  const built = ['dist/cli.js', 'dist/page.html', 'dist/types/library/client.d.ts'].map(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const sources = readdirSync('src', { recursive: true }).map((name) => join('src', name));
  return ['package.json', 'tsup.config.ts', ...sources].every((path) => statSync(path).mtimeMs < Math.min(...built));
}
