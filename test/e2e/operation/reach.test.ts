// A server that listens on every address says under which ones others reach it, and they do.

import { expect, it } from 'vitest';
import { urlsForOthers } from '../../../src/server/addresses/reach.ts';
import { run } from '../../support/command.ts';
import { startServer } from '../../support/server-process.ts';

it('prints each address of this machine, and answers there', async () => {
  const server = await startServer({ args: ['--host', '0.0.0.0'] });
  const urls = urlsForOthers('http', '0.0.0.0', server.port);
  const line = server
    .output()
    .split('\n')
    .find((one) => one.includes('listening on'));
  expect(line).toContain(`listening on http://127.0.0.1:${server.port}`);
  // A machine without a network has none.
  if (urls.length > 0) expect(line).toContain(`(from other machines: ${urls.join(', ')})`);
  for (const url of urls) {
    const said = await run(['say', 'lobby', `hello from ${url}`, '--server', url]);
    expect(said).toMatchObject({ exitCode: 0 });
  }
  expect(await server.stop()).toBe(0);
});

it('says nothing of others where it listens on this machine alone', async () => {
  const server = await startServer();
  expect(server.output()).not.toContain('other machines');
  await server.stop();
});
