// `npm ci` builds the command, but an install without the development packages has nothing to build it with,
// and the packed tarball already holds the build.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
let tsup;
try {
  tsup = require.resolve('tsup/dist/cli-default.js');
} catch {
  process.exit(0);
}
const { status } = spawnSync(process.execPath, [tsup, '--silent'], { stdio: 'inherit' });
process.exit(status ?? 1);
