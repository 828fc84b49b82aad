// Two nodes of a cluster behind a proxy: whoever comes finds the one that is well, and whose node is killed goes on at the other.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Command } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { askServer } from '../../support/monitoring.ts';
import { hasNatsServer, type Nats, startNats } from '../../support/nats.ts';
import { hasProgram } from '../../support/program.ts';
import { type ProxyName, type ProxyProcess, startProxy } from '../../support/proxy-process.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { browserTest, live, say, shown, texts, useBrowsers } from '../page/browser.ts';

const PATIENCE_MS = 60_000;
const PROXIES = ['nginx', 'haproxy'] as const;
const LINES = 60;

let nats: Nats;
let isCut = false;
let wire: FaultProxy;

async function startNode(name: string, url: string): Promise<ServerProcess> {
  const args = ['--nats', url, '--node', name, '--trust-proxy', '--metrics', '--rate', '0'];
  const node = await startServer({ args });
  onTestFinished(async () => {
    await node.stop('SIGKILL');
  });
  return node;
}

interface Cluster {
  readonly one: ServerProcess;
  /** Its way to NATS can be cut. */
  readonly two: ServerProcess;
}

async function startNodes(): Promise<Cluster> {
  const [one, two] = await Promise.all([
    startNode('one', nats.urls[0] ?? ''),
    startNode('two', `nats://127.0.0.1:${wire.port}`),
  ]);
  return { one, two };
}

async function proxyOf(name: ProxyName, { one, two }: Cluster): Promise<ProxyProcess> {
  const proxy = await startProxy(name, [one.port, two.port]);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** At which of them somebody is, and the other one. */
async function placesOf({ one, two }: Cluster, nick: string): Promise<{ here: ServerProcess; there: ServerProcess }> {
  const joined = new RegExp(`${nick} joined`);
  const here = await Promise.any([one, two].map((node) => node.printed(joined).then(() => node)));
  return { here, there: here === one ? two : one };
}

describe.skipIf(!hasNatsServer())('two nodes behind a proxy', () => {
  const browsers = useBrowsers();

  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
    wire = await FaultProxy.open(Number(new URL(nats.urls[0] ?? '').port), () =>
      isCut ? { kind: 'reset', direction: 'up', after: 0 } : undefined,
    );
  }, 60_000);

  afterAll(async () => {
    await wire?.close();
    await nats?.end();
  });

  for (const name of PROXIES) {
    const proxyTest = it.skipIf(!hasProgram(name));

    proxyTest(
      `${name}: a join goes on when its node is killed, and nothing is lost or there twice`,
      async () => {
        const cluster = await startNodes();
        const proxy = await proxyOf(name, cluster);
        const room = `killed-${name}`;
        const member = new Command(['join', room, '--nick', 'member', '--json', '--server', proxy.url]);
        onTestFinished(() => member.stop());
        await member.printed('stdout', /"type":"live"/);
        const { here, there } = await placesOf(cluster, 'member');
        const said = Array.from({ length: LINES }, (_, i) => `line ${i}`);
        for (const [i, text] of said.entries()) {
          member.type(`${text}\n`);
          if (i === LINES / 2) await here.stop('SIGKILL');
        }
        await member.printed('stdout', new RegExp(`"text":"${said.at(-1)}"`));
        const lines = member.stdout.split('\n').filter((line) => line.startsWith('{"type":"message"'));
        expect(lines.map((line) => JSON.parse(line).text)).toEqual(said);
        const { client } = await WireClient.join(there, room);
        expect(client.of('message').map(({ text }) => text)).toEqual(said);
        // Those who come now find the one that is left.
        for (let i = 0; i < 4; i++) await WireClient.join(proxy, room);
      },
      PATIENCE_MS,
    );

    proxyTest(
      `${name}: nobody gets to a node that is cut off from the others`,
      async () => {
        const cluster = await startNodes();
        const { one, two } = cluster;
        const proxy = await proxyOf(name, cluster);
        isCut = true;
        onTestFinished(() => {
          isCut = false;
        });
        wire.strike('reset');
        await eventually('it is cut off', PATIENCE_MS, async () => (await askServer(two, '/healthz')).status === 503);
        const room = `cut-${name}`;
        const clients = await Promise.all(Array.from({ length: 6 }, () => WireClient.join(proxy, room)));
        expect(clients).toHaveLength(6);
        await one.printed(/(joined.*\n.*){6}/);
        expect(two.output()).not.toMatch(/joined/);
        expect((await askServer(proxy, '/metrics')).status).toBe(404);
      },
      PATIENCE_MS,
    );

    if (!hasProgram(name)) continue;
    browserTest(
      `${name}: the page goes on when its node is killed, and nothing is lost or there twice`,
      async () => {
        const cluster = await startNodes();
        const proxy = await proxyOf(name, cluster);
        const room = `page-${name}`;
        const page = await browsers.enter(`${proxy.url}/rooms/${room}`, 'visitor');
        await say(page, 'before');
        await shown(page, 'before');
        const { here, there } = await placesOf(cluster, 'visitor');
        const { client } = await WireClient.join(there, room, { nick: 'ann' });
        await say(page, 'just before');
        await here.stop('SIGKILL');
        await say(page, 'after');
        await client.said('after');
        await live(page);
        await shown(page, 'after');
        expect(await texts(page)).toEqual(['before', 'just before', 'after']);
        expect(client.of('message').map(({ text }) => text)).toEqual(['before', 'just before', 'after']);
        expect(client.of('joined')).toEqual([]);
      },
      PATIENCE_MS,
    );
  }
});
