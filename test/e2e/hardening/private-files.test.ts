// What the real command leaves on disk under a careless umask, and what it thinks of files that others could have read.

import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { COMMAND, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const CARELESS = ['bash', '-c', 'umask 000; exec "$@"', 'bash', process.execPath, COMMAND, 'serve'] as const;

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'roomchat-private-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** What others may read, write or enter, below and with `path`. */
async function openToOthers(path: string): Promise<string[]> {
  const status = await stat(path);
  const found = (status.mode & 0o077) === 0 ? [] : [`${path} has mode ${(status.mode & 0o777).toString(8)}`];
  if (!status.isDirectory()) return found;
  for (const name of await readdir(path)) found.push(...(await openToOthers(join(path, name))));
  return found;
}

it('leaves nothing that others may read, under umask 000', async () => {
  const server = await startServer({ command: CARELESS });
  onTestFinished(async () => void (await server.stop()));
  const { client } = await WireClient.join(server, 'secret', { password: 'p' });
  await client.say('between us');
  const names = await readdir(server.data);
  expect(names).toEqual(expect.arrayContaining(['admin.token', 'rooms', 'secret']));
  expect(await openToOthers(server.data)).toEqual([]);
  expect(await openToOthers(join(server.env.XDG_STATE_HOME ?? '', 'roomchat'))).toEqual([]);
});

it('tells nobody the token: neither the console nor the file by which commands find the server holds it', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  const token = await server.adminToken();
  await fetch(`${server.url}/admin?token=${token}`, { headers: { Authorization: `Bearer ${token}` } });
  await expect(WireClient.open(server, 'r', { headers: { 'User-Agent': token, Origin: token } })).rejects.toThrow(
    '403',
  );
  await (await WireClient.join(server, 'r')).client.leave();
  await server.printed(/left/);
  expect(server.output()).not.toContain(token);
  const state = await execa('grep', ['-r', token, server.env.XDG_STATE_HOME ?? ''], { reject: false });
  expect([state.exitCode, state.stdout]).toEqual([1, '']);
});

type Plant = (data: string) => Promise<void>;
/** With just this mode, whatever the umask of whoever runs the tests. */
async function plantFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  await writeFile(path, content);
  await chmod(path, mode);
}

const TOKEN = `${'t'.repeat(43)}\n`;

it.each<[string, RegExp, Plant]>([
  [
    'a token that others can read',
    /admin\.token can be read or written by other users/,
    (data) => plantFile(join(data, 'admin.token'), TOKEN, 0o644),
  ],
  [
    'a secret that others can write',
    /secret can be read or written by other users/,
    (data) => plantFile(join(data, 'secret'), Buffer.alloc(32), 0o602),
  ],
  [
    'a token behind a planted link',
    /admin\.token is a symbolic link/,
    async (data) => {
      await writeFile(join(data, 'elsewhere'), TOKEN, { mode: 0o600 });
      await symlink(join(data, 'elsewhere'), join(data, 'admin.token'));
    },
  ],
  [
    'a secret behind a link to nothing',
    /secret is a symbolic link/,
    (data) => symlink('/nonexistent', join(data, 'secret')),
  ],
  [
    'a data directory that others can write to',
    /^roomchat: \/\S+\/data can be changed by other users \(mode 770\)\. To end that: chmod go-w \/\S+\/data$/,
    (data) => chmod(data, 0o770),
  ],
  [
    'rooms that others can write to',
    /\/data\/rooms can be changed by other users \(mode 707\)\. To end that: chmod go-w \/\S+\/data\/rooms$/,
    async (data) => {
      await mkdir(join(data, 'rooms'));
      await chmod(join(data, 'rooms'), 0o707);
    },
  ],
])('does not start with %s', async (_, reason, plant) => {
  const home = await folder();
  const data = join(home, 'data');
  await mkdir(data, { mode: 0o700 });
  await plant(data);
  const command = ['serve', '--port', '0', '--data', data];
  const result = await execa(process.execPath, [COMMAND, ...command], {
    env: { XDG_STATE_HOME: join(home, 'state') },
    reject: false,
    timeout: 20_000,
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(reason);
  expect(result.stdout).not.toContain('listening');
});
