// How a node comes into NATS: with certificates, credentials and passwords; and the one sentence with which it ends where it may not.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Certificates } from '../../support/certificates.ts';
import { type Ended, run } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { hasNatsServer, natsPorts, natsProgram } from '../../support/nats.ts';
import { NatsAccounts } from '../../support/nats-accounts.ts';
import { NatsServer } from '../../support/nats-server.ts';
import { startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const JETSTREAM = (folder: string) => `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }`;
/** Nothing of this may be printed anywhere. */
const PASSWORD = 's3same#1';
const ENCODED = encodeURIComponent(PASSWORD);

let folder: string;
let server: NatsServer | undefined;
let port: number;
/** What belongs to the nats-server. */
let store: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomchat-joining-nats-'));
});

afterEach(async () => {
  await server?.remove();
  server = undefined;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function serveNats(configuration: string, jetstream = JETSTREAM): Promise<void> {
  const [ports] = await natsPorts(1);
  if (ports === undefined) throw new Error('there are no ports');
  port = ports.client;
  server = await NatsServer.configured(natsProgram(), 'own', ports, (own) => {
    store = own;
    return [
      'server_name: own',
      `listen: "127.0.0.1:${port}"`,
      `http: "127.0.0.1:${ports.monitor}"`,
      jetstream(own),
      configuration,
      '',
    ].join('\n');
  });
  await server.start();
}

/** A node that comes in and has a room. */
async function comesIn(url: string, ...args: string[]): Promise<void> {
  const node = await startServer({ args: ['--nats', url, '--node', 'a', ...args] });
  try {
    const { client } = await WireClient.join(node, 'lobby');
    await client.say('hi', 'r1');
    expect(node.output()).not.toContain(PASSWORD);
    expect(node.output()).not.toContain(ENCODED);
  } finally {
    await node.stop();
  }
}

/** A node that does not: the one sentence that it ends with. */
async function refusal(url: string, ...args: string[]): Promise<string> {
  const data = await mkdtemp(join(folder, 'data-'));
  const ended: Ended = await run(['serve', '--port', '0', '--data', data, '--nats', url, ...args], {
    env: { XDG_STATE_HOME: join(folder, 'state') },
  });
  const { exitCode, stdout, stderr } = ended;
  expect([exitCode, stdout], stderr).toEqual([1, '']);
  expect(stderr).toMatch(/^roomchat: .*\n$/);
  expect(stderr).not.toMatch(/internal error| at .*\.js/);
  expect(stderr).not.toContain(PASSWORD);
  expect(stderr).not.toContain(ENCODED);
  return stderr;
}

async function fileOf(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe.skipIf(!hasNatsServer())('a node comes into a nats-server', () => {
  it('with TLS by the certificate of its issuer, and by nothing else', async () => {
    const own = join(folder, 'own');
    const strange = join(folder, 'strange');
    await Promise.all([own, strange].map((path) => mkdir(path)));
    const issuer = new Certificates(own);
    const { cert, key } = issuer.sign('nats', 'DNS:localhost');
    await serveNats(`tls { cert_file: "${cert}", key_file: "${key}" }`);
    await comesIn(`nats://localhost:${port}`, '--nats-ca', issuer.ca);
    await comesIn(`tls://localhost:${port}`, '--nats-ca', issuer.ca);
    const untrusted = /certificate that is not trusted: name its issuer's with --nats-ca/;
    expect(await refusal(`nats://localhost:${port}`)).toMatch(untrusted);
    expect(await refusal(`nats://localhost:${port}`, '--nats-ca', new Certificates(strange).ca)).toMatch(untrusted);
  }, 60_000);

  it('by the address that its certificate names, and no other', async () => {
    const path = join(folder, 'named');
    await mkdir(path);
    const issuer = new Certificates(path);
    const { cert, key } = issuer.sign('nats', 'IP:127.0.0.1');
    await serveNats(`tls { cert_file: "${cert}", key_file: "${key}" }`);
    await comesIn(`tls://127.0.0.1:${port}`, '--nats-ca', issuer.ca);
    expect(await refusal(`tls://localhost:${port}`, '--nats-ca', issuer.ca)).toMatch(/certificate for another name/);
  }, 60_000);

  it('without TLS only where none is asked for', async () => {
    await serveNats('');
    expect(await refusal(`tls://localhost:${port}`)).toMatch(/has no TLS: add it to its configuration/);
  }, 60_000);

  it('by credentials, and not without them, with those of others, or with a file that holds none', async () => {
    const accounts = new NatsAccounts();
    await serveNats(accounts.configuration);
    const url = `nats://127.0.0.1:${port}`;
    const creds = async (name: string, text: string) => ['--nats-creds', await fileOf(name, text)];
    await comesIn(url, ...(await creds('right.creds', accounts.credentials())));
    expect(await refusal(url)).toMatch(/wants to know who this is: give --nats-creds, or a user and password/);
    const others = await creds('others.creds', new NatsAccounts().credentials());
    expect(await refusal(url, ...others)).toMatch(/does not take the credentials of --nats-creds: check them/);
    const none = await creds('none.creds', 'hello');
    expect(await refusal(url, ...none)).toMatch(/holds no credentials: it takes what `nsc generate creds` writes/);
  }, 60_000);

  it('by a user and password or a token in its address, which nobody is shown', async () => {
    await serveNats(`authorization { user: chat, password: "${PASSWORD}" }`);
    await comesIn(`nats://chat:${ENCODED}@127.0.0.1:${port},nats://127.0.0.1:${port}`);
    expect(await refusal(`nats://127.0.0.1:${port}`)).toMatch(/wants to know who this is/);
    expect(await refusal(`nats://eve:${ENCODED}@127.0.0.1:${port}`)).toMatch(/does not take the user and password/);
    expect(await refusal(`nats://chat:${PASSWORD}@127.0.0.1:${port}`)).toMatch(/Address 1 of --nats is none/);
    await server?.remove();
    expect(await refusal(`nats://chat:${ENCODED}@127.0.0.1:${port}`)).toMatch(
      new RegExp(`NATS cannot be reached at 127.0.0.1:${port}: connection refused. Is nats-server running there?`),
    );
    await serveNats(`authorization { token: "${PASSWORD}" }`);
    await comesIn(`nats://${ENCODED}@127.0.0.1:${port}`);
  }, 60_000);

  it('again, by itself, where it was refused for a while', async () => {
    const asking = (password: string) => `authorization { user: chat, password: "${password}" }`;
    await serveNats(asking(PASSWORD));
    const node = await startServer({ args: ['--nats', `nats://chat:${ENCODED}@127.0.0.1:${port}`, '--node', 'a'] });
    const { client } = await WireClient.join(node, 'lobby');
    const restart = async (from: string, to: string): Promise<void> => {
      server?.signal('SIGKILL');
      await server?.ended();
      const configuration = (await readFile(path, 'utf8')).replace(asking(from), asking(to));
      await writeFile(path, configuration);
      await server?.start();
    };
    const path = join(store, 'nats.conf');
    await restart(PASSWORD, 'another');
    await eventually('it was refused thrice', 20_000, async () => {
      return (server?.output().match(/authentication error/g) ?? []).length >= 3;
    });
    await restart('another', PASSWORD);
    await client.say('hi', 'r1');
    await node.stop();
  }, 60_000);

  it('unless its account has no JetStream, or may not use it', async () => {
    const users = (more: string) => `[{ user: chat, password: "${PASSWORD}"${more} }]`;
    await serveNats(`accounts { CHAT { users: ${users('')} } }`);
    const url = () => `nats://chat:${ENCODED}@127.0.0.1:${port}`;
    expect(await refusal(url())).toMatch(/account of NATS may not use JetStream: enable it/);
    await server?.remove();
    const limited = ', permissions: { publish: "chat.>" }';
    await serveNats(`accounts { CHAT { jetstream: enabled, users: ${users(limited)} } }`);
    expect(await refusal(url())).toMatch(
      /does not allow this user to publish "\$JS.API[^"]*": give the cluster an account/,
    );
  }, 60_000);

  it('unless it runs without JetStream, or takes no large messages', async () => {
    await serveNats('', () => '');
    expect(await refusal(`nats://127.0.0.1:${port}`)).toMatch(/without JetStream: add a jetstream block/);
    await server?.remove();
    await serveNats('max_payload: 256KB');
    expect(await refusal(`nats://127.0.0.1:${port}`)).toMatch(/at most 262144 bytes: set its max_payload to 1MB/);
  }, 60_000);

  it('unless it is too old', async () => {
    const info = {
      server_id: 'old',
      version: '2.9.0',
      headers: true,
      jetstream: true,
      max_payload: 1024 * 1024,
      proto: 1,
    };
    const old = createServer((socket) => {
      socket.write(`INFO ${JSON.stringify(info)}\r\n`);
      socket.on('data', (data) => {
        if (data.includes('PING')) socket.write('PONG\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const address = old.address();
    if (address === null || typeof address === 'string') throw new Error('it has no port');
    expect(await refusal(`nats://127.0.0.1:${address.port}`)).toMatch(
      /nats-server 2\.9\.0 is too old: install 2\.11 or newer/,
    );
    await new Promise((resolve) => old.close(resolve));
  }, 60_000);
});
