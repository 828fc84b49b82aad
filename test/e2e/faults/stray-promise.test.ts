// A promise that is rejected and has no owner is a bug of the server's; no room pays for it.

import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

test('a rejection that nobody handles is a warning with its whole stack, and the rooms go on', async () => {
  const server = await startServer({
    command: [process.execPath, '--import', resolve('test/support/stray-promise.js'), COMMAND, 'serve'],
  });
  onTestFinished(async () => void (await server.stop()));
  const { client } = await WireClient.join(server, 'lobby');
  process.kill(server.pid, 'SIGUSR2');
  await server.printed(/warning: internal error: Error: nobody waits for this.*stray-promise\.js/);
  await client.say('still here');
  expect(await server.stop()).toBe(0);
});
