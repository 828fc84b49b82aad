import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

const TYPES = 'dist/types';
const IMPORTED = /from '(\.[^']*)\.ts'/g;

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * Puts the page's script and style into its markup: one document, which loads nothing. It is all that is written. The
 * markup's comments are for whoever edits it.
 */
const oneDocument: EsbuildPlugin = {
  name: 'one-document',
  setup(build) {
    build.onEnd(async ({ outputFiles = [] }) => {
      const [script, style] = ['.js', '.css'].map((ending) => outputFiles.find(({ path }) => path.endsWith(ending)));
      // What was not built has been complained about already.
      if (script === undefined || style === undefined) return;
      const markup = await readFile('src/page/page.html', 'utf8');
      // By functions: a `$` in a script is not a pattern.
      const document = markup
        .replace(/^ *<!--(?! (?:style|script) -->).*?-->\n/gms, '')
        .replace(/^ +/gm, '')
        .replace('<!-- style -->', () => `<style>${style.text}</style>`)
        .replace('<!-- script -->', () => `<script type="module">${script.text}</script>`);
      const path = script.path.replace(/\.js$/, '.html');
      const contents = new TextEncoder().encode(document);
      outputFiles.splice(0, outputFiles.length, { ...script, path, contents });
    });
  },
};

/**
 * Writes the types of `roomchat/client`, and of what they are made of. The compiler leaves the names of our own files in
 * them, which a package does not hold.
 */
async function declareTypes(): Promise<void> {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/library'], { stdio: 'inherit' });
  const wanted = new Set(['library/client.d.ts']);
  // What is added on the way is gone through as well.
  for (const name of wanted) {
    const text = await readFile(join(TYPES, name), 'utf8');
    for (const [, other = ''] of text.matchAll(IMPORTED)) wanted.add(join(dirname(name), `${other}.d.ts`));
    await writeFile(join(TYPES, name), text.replace(IMPORTED, "from '$1.js'"));
  }
  const written = await readdir(TYPES, { recursive: true });
  await Promise.all(
    written.map((name) => (name.endsWith('.ts') && !wanted.has(name) ? rm(join(TYPES, name)) : undefined)),
  );
}

export default defineConfig([
  // One bundle with a chunk a subcommand, so that `roomchat say` does not load the server; and what programs import.
  {
    entry: { cli: 'src/cli/main.ts', client: 'src/library/client.ts' },
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    // The other build writes beside this one.
    clean: ['!page.html'],
    dts: false,
    onSuccess: declareTypes,
  },
  // The page for browsers, which `roomchat serve` reads.
  {
    entry: { page: 'src/page/main.ts', style: 'src/page/style.css' },
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    minify: true,
    dts: false,
    esbuildPlugins: [oneDocument],
  },
]);
