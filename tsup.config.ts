import { defineConfig } from 'tsup';

// One bundle with a chunk a subcommand, so that `roomchat say` does not load the server.
export default defineConfig({
  entry: { cli: 'src/cli/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  sourcemap: true,
  clean: true,
  dts: false,
  loader: { '.html': 'text', '.page.js': 'text' },
});
