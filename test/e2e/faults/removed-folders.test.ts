// Folders that are removed under a server: it says so and stops, or closes the room, instead of writing where nobody looks.

import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'roomchat-removed-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Says things until one is refused, and answers what was said before. */
async function sayUntilRefused(client: WireClient): Promise<string[]> {
  for (let i = 0; client.of('error').length === 0; i += 1) {
    client.send({ type: 'say', text: `message ${i}`, ref: `r${i}` });
    // A batch is appended at the end of its turn: the second answer comes after that.
    await client.fence();
    await client.fence();
  }
  return client.of('message').map(({ text }) => text);
}

test.each(['removed', 'replaced by another', 'moved away'])(
  'a server whose data directory is %s stops with an error, and the next one begins anew',
  async (how) => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    const server = await startServer({ data });
    const { client } = await WireClient.join(server, 'lobby');
    await client.say('here');
    if (how === 'moved away') renameSync(data, join(folder, 'elsewhere'));
    else rmSync(data, { recursive: true });
    // Another server takes the path at once.
    const other = how === 'replaced by another' ? await startServer({ data }) : undefined;
    await client.closed;
    const ended = server.stop('SIGTERM');
    expect(await ended).toBe(1);
    expect(server.output()).toContain(`roomchat: The data directory ${data} was removed or replaced; stopping`);
    const next = other ?? (await startServer({ data }));
    onTestFinished(async () => void (await next.stop()));
    const { client: newcomer, welcome } = await WireClient.join(next, 'lobby');
    expect([welcome.created, (await newcomer.say('anew')).seq]).toEqual([true, 1]);
  },
);

test('a room whose folder is removed refuses, the others go on, and it can be made anew or put back', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data });
  onTestFinished(async () => void (await server.stop()));
  const { client } = await WireClient.join(server, 'lobby');
  const { client: other } = await WireClient.join(server, 'other');
  await client.say('here');
  await other.say('hi');
  const folder = join(data, 'rooms', 'lobby');
  const elsewhere = join(temporaryFolder(), 'lobby');
  renameSync(folder, elsewhere);
  await sayUntilRefused(client);
  expect(client.of('error')[0]).toMatchObject({ code: 'not_saved' });
  await server.printed(/lobby: the log was removed or replaced/);
  const late = await WireClient.open(server, 'lobby');
  late.send({ type: 'join' });
  expect((await late.closed).code).toBe(4500);
  await other.say('goes on');

  renameSync(elsewhere, folder);
  const repair = ['admin', 'repair', 'lobby', '--yes', '--server', server.url];
  expect(await execa(process.execPath, [COMMAND, ...repair], { env: server.env })).toMatchObject({ exitCode: 0 });
  const { client: again } = await WireClient.join(server, 'lobby');
  expect(again.of('message')[0]?.text).toBe('here');
  await again.say('back');
  expect(existsSync(join(folder, 'log.ndjson'))).toBe(true);
});
