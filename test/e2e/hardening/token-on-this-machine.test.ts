// The token that `admin` finds on this machine goes to the server that wrote where it is to be found, and to nobody who
// has its port, its pid or its file since.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Ended, run } from '../../support/command.ts';
import { isRoot, NOBODY } from '../../support/other-user.ts';
import { RawPeer } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
let file: string;
beforeEach(async () => {
  server = await startServer();
  file = join(server.env.XDG_STATE_HOME ?? '', 'roomchat', 'servers', `${server.port}.json`);
});
afterEach(() => server.stop());

const state = async (): Promise<Record<string, unknown>> => JSON.parse(await readFile(file, 'utf8'));
const write = (fields: object) => writeFile(file, JSON.stringify(fields), { mode: 0o600 });
const rooms = (port = server.port): Promise<Ended> =>
  run(['admin', 'rooms', '--server', `127.0.0.1:${port}`], { env: server.env });

/** Somebody who takes a port, and what was said to them. */
async function stranger(port: number): Promise<{ port: number; heard: IncomingMessage[] }> {
  const heard: IncomingMessage[] = [];
  const listener = createServer().on('upgrade', (request, socket) => {
    heard.push(request);
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const address = listener.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, heard };
}

/** Ends the server by a crash, and gives its port to a stranger. */
async function crashed(): Promise<IncomingMessage[]> {
  const content = await readFile(file);
  process.kill(server.pid, 'SIGKILL');
  await gone(server.pid);
  await writeFile(file, content, { mode: 0o600 });
  return (await stranger(server.port)).heard;
}

async function gone(pid: number): Promise<void> {
  const ended = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  while (!ended()) await new Promise((resolve) => setImmediate(resolve));
}

const tokens = (heard: readonly IncomingMessage[]) => heard.map(({ headers }) => headers.authorization);

it('is not sent to whoever took the port of a server that crashed, while another process has its pid', async () => {
  const heard = await crashed();
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill());
  await write({ ...(await state()), pid: other.pid });
  expect((await rooms()).exitCode).toBe(4);
  expect(tokens(heard)).toEqual([undefined]);
});

describe('is not looked for where the file', () => {
  it('is of another boot', async () => {
    await write({ ...(await state()), boot: 'another' });
    expect(await rooms()).toMatchObject({ exitCode: 4, stdout: '' });
  });

  it('was moved to another port', async () => {
    const other = await stranger(0);
    await rename(file, join(file, '..', `${other.port}.json`));
    expect(await rooms(other.port)).toMatchObject({ exitCode: 4, stdout: '' });
    expect(tokens(other.heard)).toEqual([undefined]);
  });

  it('was written by a server of 0.1, which is said', async () => {
    const { url, pid, data } = await state();
    await write({ url, pid, data });
    expect(await rooms()).toEqual({
      exitCode: 4,
      stdout: '',
      stderr: `roomchat: ${file}, which says where the server is, was written by another version of roomchat. Restart the server to have a new one. Or give --token, --token-file or ROOMCHAT_TOKEN; the token is in admin.token in the server's data directory.\n`,
    });
  });

  it.each(['620', '602'])('can be written by others: mode %s', async (mode) => {
    await chmod(file, mode);
    const ended = await rooms();
    expect(ended).toMatchObject({ exitCode: 4, stdout: '' });
    expect(ended.stderr).toContain(`${file}, which says where the server is, could have been written by another`);
  });

  it.runIf(isRoot())("is another user's", async () => {
    await chown(file, NOBODY.uid, NOBODY.gid);
    expect((await rooms()).stderr).toContain('could have been written by another user. Remove it');
  });

  it('is a link to another one', async () => {
    await rename(file, `${file}.elsewhere`);
    await symlink(`${file}.elsewhere`, file);
    expect(await rooms()).toMatchObject({ exitCode: 4, stdout: '' });
    await unlink(file);
    await rename(`${file}.elsewhere`, file);
    expect(await rooms()).toMatchObject({ exitCode: 0 });
  });
});

it('cannot be found any more once the server begins to stop, while it still has its port', async () => {
  const peer = await RawPeer.upgraded(server.port, '/rooms/lobby');
  onTestFinished(() => void peer.socket.destroy());
  // It waits for this one to answer its close frame.
  const stopped = server.stop();
  await server.printed(/stopping/);
  expect(existsSync(file)).toBe(false);
  peer.socket.destroy();
  await stopped;
});
