// The configurations of the cluster's manual, run as they stand there: only the machines, ports and paths are this test's.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Certificates } from '../support/certificates.ts';
import { Command } from '../support/command.ts';
import { freePorts } from '../support/free-ports.ts';
import { hasNatsServer, natsPorts, natsProgram } from '../support/nats.ts';
import { type NatsPorts, NatsServer } from '../support/nats-server.ts';
import { COMMAND, type ServerProcess, startServer } from '../support/server-process.ts';
import { WireClient } from '../support/wire-client.ts';

const natsTest = it.skipIf(!hasNatsServer());
const MACHINES = ['one', 'two', 'three'] as const;
const manual = readFileSync(resolve('src/cluster/README.md'), 'utf8');

/** The block that stands after this mark. */
function block(mark: string): string {
  const [, body] = new RegExp(`^<!-- run: ${mark} -->\\n\\n\`\`\`\\w+\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(manual) ?? [];
  if (body === undefined) throw new Error(`The manual has no block "${mark}".`);
  return body;
}

/** Replaces all of it, and fails where there is nothing to replace. */
function replaced(text: string, ...pairs: readonly (readonly [string, string])[]): string {
  for (const [from] of pairs) expect(text).toContain(from);
  return pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

async function folderOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `roomchat-manual-${name}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** nats-servers with this configuration, each of them with what it writes for it; ended with the test. */
async function startAll(ports: readonly NatsPorts[], write: (index: number, folder: string) => string): Promise<void> {
  const prepared = ports.map((own, i) => NatsServer.configured(natsProgram(), `m${i}`, own, (f) => write(i, f)));
  const servers = await Promise.all(prepared);
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.remove()));
  });
  await Promise.all(servers.map((server) => server.start()));
}

/** What is said at the first is heard at the others. */
async function shareARoom(nodes: readonly { readonly url: string }[]): Promise<void> {
  const clients = await Promise.all(nodes.map(async (node) => (await WireClient.join(node, 'lobby')).client));
  await clients[0]?.say('hi', 'r1');
  await Promise.all(clients.slice(1).map((client) => client.said('hi')));
}

async function startNode(nats: string, ...args: string[]): Promise<ServerProcess> {
  const node = await startServer({
    args,
    command: ['env', `ROOMCHAT_NATS=${nats}`, process.execPath, COMMAND, 'serve'],
  });
  onTestFinished(async () => {
    await node.stop();
  });
  return node;
}

natsTest(
  'three machines from nothing: nats-servers with TLS, accounts and routes, and nodes that join them',
  async () => {
    const folder = await folderOf('three');
    const issuer = new Certificates(folder);
    const { cert, key } = issuer.sign('nats', 'IP:127.0.0.1');
    const ports = await natsPorts(3);
    const routes = ports.map(({ cluster }, i) => [`${MACHINES[i]}.example:6222`, `127.0.0.1:${cluster}`] as const);
    await startAll(ports, (i, own) =>
      replaced(
        block('three'),
        ['server_name: one\n', `server_name: ${MACHINES[i]}\n`],
        ...routes,
        ['0.0.0.0:4222', `127.0.0.1:${ports[i]?.client}`],
        ['0.0.0.0:6222', `127.0.0.1:${ports[i]?.cluster}`],
        ['127.0.0.1:8222', `127.0.0.1:${ports[i]?.monitor}`],
        ['/etc/nats/cert.pem', cert],
        ['/etc/nats/key.pem', key],
        ['/etc/nats/ca.pem', issuer.ca],
        ['/var/lib/nats', join(own, 'store')],
      ),
    );
    const clients = ports.map(({ client }, i) => [`${MACHINES[i]}.example:4222`, `127.0.0.1:${client}`] as const);
    const [, nats = ''] = /^ROOMCHAT_NATS=(.*)$/m.exec(replaced(block('environment'), ...clients)) ?? [];
    const [, flags = ''] = /^ExecStart=\/usr\/bin\/env roomchat serve (.*)$/m.exec(block('node')) ?? [];
    const nodes = await Promise.all(
      MACHINES.map((name) => {
        const own = replaced(
          flags,
          ['--host 0.0.0.0 ', '--host 127.0.0.1 '],
          ['--port 8080 ', '--port 0 '],
          ['--data /var/lib/roomchat ', `--data ${join(folder, name)} `],
          ['--node one ', `--node ${name} `],
          ['/etc/nats/ca.pem', issuer.ca],
        );
        return startNode(nats, ...own.split(' '));
      }),
    );
    await shareARoom(nodes);
  },
  120_000,
);

natsTest(
  'the small case: one nats-server with a password, and two nodes',
  async () => {
    const [ports] = await natsPorts(1);
    if (ports === undefined) throw new Error('there are no ports');
    await startAll([ports], (_, own) =>
      replaced(
        block('one'),
        ['0.0.0.0:4222', `127.0.0.1:${ports.client}`],
        ['127.0.0.1:8222', `127.0.0.1:${ports.monitor}`],
        ['/var/lib/nats', join(own, 'store')],
      ),
    );
    const nats = `nats://roomchat:one%20long%20password@127.0.0.1:${ports.client}`;
    await shareARoom([await startNode(nats, '--node', 'a'), await startNode(nats, '--node', 'b')]);
  },
  60_000,
);

natsTest(
  "the commands of the compose file: they are a cluster, where its containers' names are ports of this machine",
  async () => {
    const folder = await folderOf('compose');
    const ports = await natsPorts(3);
    const commands = [...block('compose').matchAll(/^ {2}(\w+):\n(?: {4}.*\n)*? {4}command: (.*)$/gm)];
    expect(commands.map(([, name]) => name)).toEqual(['n1', 'n2', 'n3', 'a', 'b']);
    const addressed = (command: string): string =>
      ports.reduce(
        (all, { client, cluster }, i) =>
          all.replaceAll(`n${i + 1}:6222`, `127.0.0.1:${cluster}`).replaceAll(`n${i + 1}:4222`, `127.0.0.1:${client}`),
        command,
      );
    const start = async (command: string, program: readonly [string, ...string[]], sign: RegExp): Promise<Command> => {
      const process = new Command(command.split(' '), { command: program });
      onTestFinished(() => process.stop());
      await process.printed(sign.source.startsWith('listening') ? 'stdout' : 'stderr', sign);
      return process;
    };
    await Promise.all(
      ports.map(({ client, cluster }, i) => {
        const own = replaced(
          addressed(commands[i]?.[2] ?? ''),
          ['/data', join(folder, `n${i + 1}`)],
          ['0.0.0.0:6222', `127.0.0.1:${cluster}`],
        );
        return start(`-a 127.0.0.1 -p ${client} ${own}`, [natsProgram()], /Server is ready/);
      }),
    );
    const nodePorts = await freePorts(2);
    await Promise.all(
      nodePorts.map((port, i) => {
        const own = replaced(
          addressed(commands[3 + i]?.[2] ?? ''),
          ['node bin/roomchat.js serve ', ''],
          ['--host 0.0.0.0 ', `--host 127.0.0.1 --port ${port} `],
        );
        return start(own, [process.execPath, COMMAND, 'serve'], /listening on/);
      }),
    );
    await shareARoom(nodePorts.map((port) => ({ url: `http://127.0.0.1:${port}` })));
  },
  120_000,
);
