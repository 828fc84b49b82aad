// nginx or HAProxy before a server, or before two nodes of a cluster, with the very configuration that the manual shows: only its addresses are other ones.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { execa } from 'execa';
import { freePorts } from './free-ports.ts';

export type ProxyName = 'nginx' | 'haproxy';

export interface ProxyProcess {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

const START_MS = 10_000;

interface Kind {
  /** Before one server, and before two nodes. */
  readonly shown: readonly [string, string];
  /** What stands around the shown part. */
  whole(shown: string, folder: string): string;
  args(config: string, folder: string): readonly string[];
}

const KINDS: { readonly [name in ProxyName]: Kind } = {
  nginx: {
    shown: ['test/e2e/proxies/nginx.conf', 'test/e2e/proxies/nginx-nodes.conf'],
    whole: (shown, folder) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (what) => `${what}_temp_path ${folder}/${what};`,
      );
      const main = `daemon off; pid ${folder}/pid; error_log stderr; events {}`;
      return `${main}\nhttp {\naccess_log off;\n${paths.join('\n')}\n${shown}}\n`;
    },
    args: (config, folder) => ['-p', folder, '-c', config],
  },
  haproxy: {
    shown: ['test/e2e/proxies/haproxy.cfg', 'test/e2e/proxies/haproxy-nodes.cfg'],
    whole: (shown) => shown,
    args: (config) => ['-db', '-f', config],
  },
};

/** `ports`: of the server, or of both nodes. */
export async function startProxy(
  name: ProxyName,
  ports: readonly [number] | readonly [number, number],
): Promise<ProxyProcess> {
  const kind = KINDS[name];
  const folder = await mkdtemp(join(tmpdir(), `roomchat-${name}-`));
  const [port = 0] = await freePorts(1);
  const [first, second = 0] = ports;
  const shown = (await readFile(resolve(kind.shown[ports.length === 1 ? 0 : 1]), 'utf8'))
    .replace(/^( *listen) 80;/m, `$1 127.0.0.1:${port};`)
    .replace(/^( *bind) :80$/m, `$1 127.0.0.1:${port}`)
    .replace('127.0.0.1:8080', `127.0.0.1:${first}`)
    .replace('one.example:8080', `127.0.0.1:${first}`)
    .replace('two.example:8080', `127.0.0.1:${second}`);
  const config = join(folder, 'config');
  await writeFile(config, kind.whole(shown, folder));
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const child = execa(name, kind.args(config, folder), { env: { PATH: path }, reject: false, stdin: 'ignore' });
  let ended = false;
  void child.then(() => {
    ended = true;
  });
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    if (ended) throw new Error(`${name} has ended: ${(await child).stderr}`);
    if (Date.now() > deadline) throw new Error(`${name} does not listen.`);
    await pass(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await child;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}
