// A room's folder in which nothing can be changed any more, as a backup or an administrator may leave it.

import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';

/** Root may do everything but in an immutable folder. Answers how to let it be changed again, or undefined. */
function freeze(folder: string): (() => void) | undefined {
  if (process.getuid?.() !== 0) {
    chmodSync(folder, 0o555);
    return () => chmodSync(folder, 0o700);
  }
  try {
    execFileSync('chattr', ['+i', folder], { stdio: 'ignore' });
    return () => execFileSync('chattr', ['-i', folder]);
  } catch {
    return undefined;
  }
}

test('a room whose folder cannot be changed is closed, and the others go on', async ({ skip }) => {
  const server = await startLocalServer({ limits: { idleRoom: 0 } });
  onTestFinished(() => server.stop());
  const { client: other } = await WireClient.join(server, 'other');
  const { client } = await WireClient.join(server, 'lobby');
  await client.say('before');
  const thaw = freeze(join(server.data, 'rooms', 'lobby'));
  if (thaw === undefined) return skip('cannot make a folder immutable here');
  onTestFinished(thaw);
  await client.leave();
  const said = () => server.events.map((event) => (event.event === 'warning' ? event.message : ''));
  await vi.waitFor(() => expect(said().join('\n')).toContain('mark-failed'), 20_000);
  expect(server.chat.rooms.ifOpen('lobby')).toBeUndefined();
  await other.say('still here');
  // It can still be read.
  const { client: reader } = await WireClient.join(server, 'lobby');
  expect(reader.of('message').map(({ text }) => text)).toEqual(['before']);
});
