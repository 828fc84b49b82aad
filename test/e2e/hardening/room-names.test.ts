// Rooms by every name that might climb out of the data directory or fall together with another: refused, or a folder of
// its own. strace looks at every path that the server hands to the system.

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { RawPeer, request, upgradeRequest } from '../../support/raw-http.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

/** Paths as they go over the wire. */
const REFUSED = [
  '..%2fx',
  '..%2f..%2f..%2fetc%2fpasswd',
  'a%2fb',
  'a%5cb',
  'a%00',
  '%00',
  '.',
  '..',
  '%2e',
  '%2e%2e',
  '.hidden',
  'x'.repeat(256),
  '%20',
  'a%0ab',
  'C:',
  'a%7e1*',
];
const NO_PATHS = [
  '/rooms/../x',
  '/rooms/a/b',
  '/rooms//x',
  '/rooms/',
  '/rooms/../../etc/passwd',
  '/rooms/%zz',
  '/rooms/%c0%ae',
];
/** Each of these is a room of its own. */
const ROOMS = [
  'CON',
  'con',
  'aux.txt',
  'NUL',
  'COM1',
  'dot.',
  'dot',
  'Room',
  'room',
  'ROOM',
  'caf\u00e9',
  'cafe',
  'x'.repeat(64),
  '\u5ba4'.repeat(64),
  '\ua7ae'.repeat(64),
  'ß',
  'ss',
  'ı',
  'i',
];

async function attack(server: ServerProcess): Promise<void> {
  for (const path of NO_PATHS) {
    const { status } = await request(server.port, upgradeRequest(server.port, path));
    expect([path, status]).toEqual([path, path.includes('%') ? 400 : 404]);
  }
  for (const name of REFUSED) {
    const peer = await RawPeer.upgraded(server.port, `/rooms/${name}`);
    await peer.until(/bad_request/);
    peer.socket.destroy();
  }
  for (const name of ROOMS) {
    const { client, welcome } = await WireClient.join(server, name);
    expect([name, welcome.created]).toEqual([name, true]);
    await client.say(`in ${name}`);
    await client.leave();
  }
  for (const name of ROOMS) {
    const { client } = await WireClient.join(server, name);
    expect(client.of('message').map(({ text }) => text)).toEqual([`in ${name}`]);
  }
  const { welcome } = await WireClient.join(server, 'cafe\u0301');
  expect([welcome.room, welcome.created], 'both forms of é are one room').toEqual(['caf\u00e9', false]);
}

it('have folders that no file system takes for one another', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  await attack(server);
  const folders = await readdir(join(server.data, 'rooms'));
  const folded = folders.map((folder) => folder.normalize('NFKC').toUpperCase().toLowerCase());
  expect(new Set(folded).size).toBe(ROOMS.length);
  for (const folder of folders) {
    expect(folder).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[. ]$|^\.|[^\x21-\x7e]/i);
    expect(folder.length).toBeLessThanOrEqual(200);
  }
});

const hasStrace = existsSync('/usr/bin/strace');
if (!hasStrace && process.env.CI === undefined) {
  process.stderr.write('SKIPPED: without strace nobody looks at the paths that a server opens. Install it.\n');
}

it.skipIf(!hasStrace && process.env.CI === undefined)('open nothing outside the data directory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-trace-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const trace = join(folder, 'trace');
  const strace = ['strace', '-f', '-qq', '-s', '4096', '-e', 'trace=%file', '-o', trace] as const;
  const server = await startServer({ command: [...strace, process.execPath, COMMAND, 'serve'] });
  // The process that was started is strace, which waits for the server's end.
  const state: { pid: number } = JSON.parse(
    await readFile(join(server.env.XDG_STATE_HOME ?? '', 'roomchat', 'servers', `${server.port}.json`), 'utf8'),
  );
  await attack(server);
  process.kill(state.pid, 'SIGTERM');
  await server.printed(/stopped/);
  const data = server.data;
  const stateFolder = server.env.XDG_STATE_HOME ?? '';
  await server.stop();
  const calls = (await readFile(trace, 'utf8')).split('\n');
  // What Node reads to start lies before the first room; later it looks up the time zone, and malloc the machine's memory and processors.
  const first = calls.findIndex((call) => call.includes(`${data}/rooms/`));
  const paths = calls
    .slice(first)
    .flatMap((call) => [...call.matchAll(/"([^"]+)"/g)].map(([, path]) => path ?? ''))
    .filter(
      (path) =>
        !/^\/(etc\/localtime|usr\/share\/zoneinfo\/|proc\/sys\/vm\/|sys\/devices\/system\/cpu\/online$)/.test(path),
    );
  expect(paths.filter((path) => path.startsWith(`${data}/rooms/`)).length).toBeGreaterThan(ROOMS.length);
  const outside = paths.filter(
    (path) => !path.startsWith(`${data}/`) && !path.startsWith(`${stateFolder}/`) && path !== data,
  );
  expect(outside).toEqual([]);
  expect(paths.filter((path) => /\/\.\.?(\/|$)/.test(path))).toEqual([]);
});
