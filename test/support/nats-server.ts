// One nats-server with JetStream on loopback: a process with a folder and a configuration of its own, which can be killed,
// stopped, frozen and started again on the same ports with what it had stored.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from './eventually.ts';

export interface NatsServerOptions {
  /** Every write reaches the disk before it is acknowledged. */
  readonly syncAlways?: boolean;
  /** What JetStream may store on the disk and in memory, such as `64MB`. */
  readonly maxFile?: string;
  readonly maxMem?: string;
  /** For `limitFiles`: a write beyond the limit is refused, and does not end the server by a signal. */
  readonly canLimitFiles?: boolean;
  /** How long clients have to leave a server that goes away: at least `30s`, says the server. */
  readonly lameDuckDuration?: string;
  /** How long it waits before it sends the first one away. */
  readonly lameDuckGracePeriod?: string;
}

/** How a server of a cluster and the others find one another, as ports of loopback. */
export interface Routing {
  /** To each of the others; none for a server alone. */
  readonly to: readonly number[];
  /** What it tells the others of itself: its own, unless something stands between. */
  readonly own?: number | undefined;
}

export interface NatsPorts {
  readonly client: number;
  readonly cluster: number;
  readonly monitor: number;
}

type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2';

const START_MS = 30_000;
const ANSWER_MS = 2_000;
/** Of what it printed, so much is kept to be shown. */
const KEPT_OUTPUT = 16_384;

export class NatsServer {
  readonly name: string;
  readonly url: string;
  readonly #program: string;
  readonly #folder: string;
  readonly #monitor: string;
  readonly #canLimitFiles: boolean;
  #child: ReturnType<typeof spawn> | undefined;
  #output = '';
  #isFrozen = false;

  private constructor(name: string, program: string, folder: string, ports: NatsPorts, canLimitFiles: boolean) {
    this.name = name;
    this.#program = program;
    this.#folder = folder;
    this.#canLimitFiles = canLimitFiles;
    this.url = `nats://127.0.0.1:${ports.client}`;
    this.#monitor = `http://127.0.0.1:${ports.monitor}`;
  }

  /** Does not start it yet. */
  static async prepare(
    program: string,
    name: string,
    ports: NatsPorts,
    routing: Routing,
    options: NatsServerOptions,
  ): Promise<NatsServer> {
    const write = (folder: string) => configuration(name, folder, ports, routing, options);
    return NatsServer.configured(program, name, ports, write, options.canLimitFiles);
  }

  /** With a configuration of the test's own for these ports, whose files may be in this folder. Does not start it yet. */
  static async configured(
    program: string,
    name: string,
    ports: NatsPorts,
    write: (folder: string) => string | Promise<string>,
    canLimitFiles = false,
  ): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), `roomchat-nats-${name}-`));
    await writeFile(join(folder, 'nats.conf'), await write(folder));
    return new NatsServer(name, program, folder, ports, canLimitFiles);
  }

  /** Whether it can answer. */
  get isAwake(): boolean {
    return this.#child !== undefined && !this.#isFrozen;
  }

  /** Resolves when it answers; what it stored may not be there yet. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error('This nats-server runs already.');
    const child = spawn(this.#program, join(this.#folder, 'nats.conf'), this.#canLimitFiles);
    this.#child = child;
    this.#output = '';
    this.#isFrozen = false;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-KEPT_OUTPUT);
    });
    void child.then(() => {
      this.#child = undefined;
    });
    const isSettled = async () => this.#child === undefined || (await this.#ask('/varz')).ok;
    await eventually('a nats-server answers', START_MS, isSettled);
    if (this.#child === undefined) throw new Error(`nats-server has ended: ${(await child).message}\n${this.#output}`);
  }

  /** Whether it says that JetStream is there, with all that it stores. */
  async isHealthy(): Promise<boolean> {
    return (await this.#ask('/healthz')).ok;
  }

  /** Whoever is frozen sees it as soon as it goes on. */
  signal(signal: Signal): void {
    if (this.#child === undefined) throw new Error('This nats-server does not run.');
    this.#child.kill(signal);
    if (signal === 'SIGSTOP') this.#isFrozen = true;
    if (signal === 'SIGCONT') this.#isFrozen = false;
  }

  /** From here on no file of it can grow beyond so many bytes: each write says EFBIG. Undefined: all can again. */
  async limitFiles(bytes: number | undefined): Promise<void> {
    if (this.#child?.pid === undefined) throw new Error('This nats-server does not run.');
    await execa('prlimit', ['--pid', `${this.#child.pid}`, `--fsize=${bytes ?? 'unlimited'}:`]);
  }

  /** Resolves when the process is gone. */
  async ended(): Promise<void> {
    await this.#child;
  }

  async remove(): Promise<void> {
    if (this.#child !== undefined) this.signal('SIGKILL');
    await this.ended();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What it printed since it was started, or the end of it. */
  output(): string {
    return this.#output;
  }

  async #ask(path: string): Promise<Response> {
    const response = await fetch(this.#monitor + path, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.arrayBuffer();
    return response;
  }
}

function spawn(program: string, config: string, blocksSignal: boolean) {
  const command = [...(blocksSignal ? ['env', '--block-signal=XFSZ'] : []), program, '-c', config];
  return execa(command[0] ?? program, command.slice(1), {
    env: { GOMEMLIMIT: '128MiB' },
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: false,
    forceKillAfterDelay: false,
  });
}

function configuration(
  name: string,
  folder: string,
  ports: NatsPorts,
  { to, own }: Routing,
  options: NatsServerOptions,
): string {
  const lines = [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${ports.client}"`,
    `http: "127.0.0.1:${ports.monitor}"`,
    'ping_interval: "5s"',
    'ping_max: 2',
    ...setting('lame_duck_duration', options.lameDuckDuration),
    ...setting('lame_duck_grace_period', options.lameDuckGracePeriod),
    'jetstream {',
    `store_dir: ${JSON.stringify(join(folder, 'store'))}`,
    ...(options.syncAlways ? ['sync_interval: always'] : []),
    // Unquoted: a size in quotes is not taken for one.
    ...(options.maxFile === undefined ? [] : [`max_file: ${options.maxFile}`]),
    ...(options.maxMem === undefined ? [] : [`max_mem: ${options.maxMem}`]),
    '}',
  ];
  if (to.length > 0) {
    const routes = to.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
    lines.push('cluster {', 'name: roomchat', `listen: "127.0.0.1:${ports.cluster}"`, 'no_advertise: true');
    lines.push(...setting('advertise', own === undefined ? undefined : `127.0.0.1:${own}`));
    lines.push(`routes: [${routes}]`, '}');
  }
  return `${lines.join('\n')}\n`;
}

function setting(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}: "${value}"`];
}
