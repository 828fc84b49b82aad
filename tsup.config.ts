import { readFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

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

export default defineConfig([
  // One bundle with a chunk a subcommand, so that `roomchat say` does not load the server.
  {
    entry: { cli: 'src/cli/main.ts' },
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    // The other build writes beside this one.
    clean: ['!page.html'],
    dts: false,
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
