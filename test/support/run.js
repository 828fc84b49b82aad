// Runs a TypeScript script of test/ with what the project installs: `node test/support/run.js test/soak/main.ts …`.
// It bundles the script with tsup into a folder of its own, imports it, and removes the folder at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node test/support/run.js SCRIPT.ts [argument...]\n');
  process.exit(2);
}
// Inside the checkout, so that the bundle still finds node_modules.
const outDir = mkdtempSync(resolve('node_modules', '.run-'));
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
await build({
  entry: [script],
  outDir,
  config: false,
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: 'inline',
  silent: true,
  // CommonJS packages do not survive being bundled as modules.
  skipNodeModulesBundle: true,
});
const bundle = join(outDir, `${basename(script, '.ts')}.js`);
process.argv = [process.argv[0] ?? 'node', bundle, ...rest];
await import(pathToFileURL(bundle).href);
