// `roomchat serve`: runs a server until it is told to stop.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { DataDirectoryErrorCode, StartedServer, StartOptions } from '../server/index.ts';
import { fitDescriptors, openFileLimit } from './descriptors.ts';
import { defaultDataDirectory, stateDirectory } from './environment.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { rowsOf } from './terminal-rows.ts';
import { readCa, readTlsFiles, type TlsFlags } from './tls-files.ts';
import { byteSize, wholeNumber } from './values.ts';

interface ServeFlags extends TlsFlags {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  readonly ephemeral?: true;
  readonly sync: 'interval' | 'always' | 'off';
  readonly allowOrigin: readonly URL[];
  readonly trustProxy?: true;
  readonly compression: boolean;
  readonly web: boolean;
  readonly listRooms?: true;
  readonly metrics?: true;
  readonly maxClients?: number;
  readonly maxRooms?: number;
  readonly maxStoredRooms?: number;
  readonly maxRoomSize?: number;
  readonly maxData?: number;
  readonly maxHourly?: number;
  readonly minFree?: number;
  readonly rate?: number;
  readonly logFormat: 'text' | 'json';
  readonly texts: boolean;
  readonly quiet?: true;
  readonly nats?: string;
  readonly natsCreds?: string;
  readonly natsCa?: string;
  readonly natsPrefix?: string;
  readonly node?: string;
  readonly adopt?: boolean;
}

/** What browsers' own lists of HTTPS sites ask for at least. */
const YEAR_SECONDS = '31536000';

export function defineServe(program: Command): void {
  program
    .command('serve')
    .description('Run a server. Every message is kept in a log on this machine.')
    .option('-p, --port <number>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 8080)
    .option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines in', '127.0.0.1')
    .option('-d, --data <directory>', 'where rooms are kept (default: $ROOMCHAT_DATA, else ~/.local/share/roomchat)')
    .addOption(new Option('--ephemeral', 'keep rooms only as long as the server runs').conflicts('data'))
    .addOption(
      new Option(
        '--sync <when>',
        'when messages are synced to the disk: once a second, before anybody sees them, or never',
      )
        .choices(['interval', 'always', 'off'])
        .default('interval'),
    )
    .option('--tls-cert <file>', 'certificate chain in PEM, for https and wss')
    .option('--tls-key <file>', 'private key in PEM')
    .addOption(
      new Option(
        '--hsts [seconds]',
        'with TLS: tell browsers to use HTTPS only, for so many seconds (default: a year); 0 ends it',
      )
        .argParser(wholeNumber(0, 2 ** 31 - 1))
        .preset(YEAR_SECONDS),
    )
    .addOption(
      new Option('--allow-origin <origin>', 'web pages of this origin may connect (repeatable)')
        .argParser(collectOrigin)
        .default([], 'none'),
    )
    .option('--trust-proxy', "take a client's address from X-Forwarded-For")
    .option('--no-compression', 'do not compress messages')
    .option('--metrics', 'answer /healthz and /metrics to everybody, not only on this machine')
    .option('--no-web', 'do not serve the page for browsers')
    .option('--list-rooms', 'tell whoever asks which rooms are open, but those with a password: a list at /')
    .option(
      '--max-clients <number>',
      'connections at once (default: 10,000, or what the descriptors allow)',
      wholeNumber(1, 1_000_000),
    )
    .option(
      '--max-rooms <number>',
      'rooms open at once (default: 10,000, or what the descriptors allow)',
      wholeNumber(1, 1_000_000),
    )
    .option('--max-stored-rooms <number>', 'rooms on the disk, open or not (default: 100,000)', wholeNumber(1, 1e9))
    .option('--max-room-size <size>', 'bytes of one room, as in 500M or 2G (default: no limit)', byteSize)
    .option('--max-data <size>', 'bytes of all rooms together (default: no limit)', byteSize)
    .option(
      '--max-hourly <size>',
      'bytes that one address may add to rooms in an hour; 0: no limit (default: 100M)',
      byteSize,
    )
    .option(
      '--min-free <size>',
      'refuse messages when less of the disk is free; 0: never (default: 1G, or 5% of the disk if that is less)',
      byteSize,
    )
    .option(
      '--rate <number>',
      'messages a second that the clients of one address may send together; 0: no limit (default: 200)',
      wholeNumber(0, 1_000_000),
    )
    .addOption(new Option('--log-format <format>', 'how events are printed').choices(['text', 'json']).default('text'))
    .option('--no-texts', 'print who says something and how much, but not what')
    .option('-q, --quiet', 'do not print events')
    .addOption(
      new Option(
        '--nats <urls>',
        'one of many servers, whose messages NATS keeps: its addresses, with commas between',
      ).env('ROOMCHAT_NATS'),
    )
    .option('--nats-creds <file>', 'credentials for NATS')
    .option('--nats-ca <file>', 'certificates that are trusted for NATS, in PEM')
    .option('--nats-prefix <name>', 'keeps two clusters on one NATS apart', clusterName)
    .option('--node <name>', "this server's name among the others (default: the machine's)", clusterName)
    .option('--adopt', 'with --nats: bring the rooms that the data directory has of its own into the cluster')
    .addHelpText('after', '\nStop it with Ctrl-C or SIGTERM: its clients come back by themselves when it runs again.')
    .action(serve);
}

/** A URL of nothing but an origin: a browser leaves out a usual port and writes a host in ASCII, as a URL does. */
function collectOrigin(value: string, previous: readonly URL[]): readonly URL[] {
  if (!/^https?:\/\/[^/?#@\\]+$/i.test(value) || !URL.canParse(value)) {
    throw new InvalidArgumentError('It takes a scheme and a host, as in https://chat.example.com.');
  }
  return [...previous, new URL(value)];
}

async function serve(flags: ServeFlags): Promise<void> {
  const { DataDirectoryError, DEFAULT_LIMITS, placesToWait, roomPage, startServer } = await import(
    '../server/index.ts'
  );
  const { port, host, sync, trustProxy = false, compression, logFormat, texts, quiet = false, rate } = flags;
  const wanted = {
    clients: flags.maxClients ?? DEFAULT_LIMITS.clients,
    openRooms: flags.maxRooms ?? DEFAULT_LIMITS.openRooms,
  };
  const tls = readTlsFiles(flags);
  try {
    const server = await startServer({
      port,
      host,
      data: flags.ephemeral ? undefined : resolve(flags.data ?? defaultDataDirectory()),
      state: stateDirectory(),
      // A copy is never synced: the lines are the cluster's to keep.
      sync: flags.nats === undefined ? sync : 'off',
      limits: {
        ...DEFAULT_LIMITS,
        ...fitDescriptors(wanted, openFileLimit(), placesToWait),
        ...(rate === undefined ? {} : { rate, burst: rate * 10 }),
        storedRooms: flags.maxStoredRooms ?? DEFAULT_LIMITS.storedRooms,
        roomSize: flags.maxRoomSize ?? DEFAULT_LIMITS.roomSize,
        dataSize: flags.maxData ?? DEFAULT_LIMITS.dataSize,
        hourlyBytes: flags.maxHourly ?? DEFAULT_LIMITS.hourlyBytes,
        minFree: flags.minFree ?? DEFAULT_LIMITS.minFree,
      },
      allowedOrigins: flags.allowOrigin,
      trustProxy,
      compression,
      pages: {
        publicMetrics: flags.metrics ?? false,
        listsRooms: flags.listRooms ?? false,
        ...(flags.web && { room: roomPage(await builtPage()) }),
      },
      version: packageJson.version,
      logFormat,
      texts,
      rows: await rowsOf(process.stdout),
      quiet,
      onFatal: (message) => {
        process.stderr.write(`roomchat: ${message}; stopping, because messages may be lost\n`);
        process.exit(EXIT.failed);
      },
      hsts: flags.hsts,
      federate: federationOf(flags),
      ...(tls && { tls }),
    });
    // Something has ended early without telling anybody, which is not a reason to end every room. An exception that nobody
    // has caught stays fatal: it may have left a room half changed.
    process.on('unhandledRejection', server.unexpected);
    await untilStopped(server);
  } catch (error) {
    if (error instanceof DataDirectoryError) throw new CommandError(EXIT.failed, error.message + hintFor(error.code));
    if (error instanceof Error && error.name === 'ClusterError') throw new CommandError(EXIT.failed, error.message);
    throw explainListening(error, port, host);
  }
}

/** What may stand in the subjects of NATS. */
function clusterName(value: string): string {
  if (!/^[\w-]{1,60}$/.test(value)) throw new InvalidArgumentError('It takes letters, digits, - and _.');
  return value;
}

/** Loads the cluster only where it is asked for. */
function federationOf({
  nats,
  natsCreds,
  natsCa,
  natsPrefix = '',
  node = hostname(),
  adopt = false,
}: ServeFlags): StartOptions['federate'] {
  if (nats === undefined) {
    if (adopt) throw new CommandError(EXIT.usage, '--adopt brings rooms into a cluster: say which one with --nats.');
    return undefined;
  }
  if (natsCa !== undefined) readCa(natsCa);
  return async (options) => {
    const { Cluster } = await import('../cluster/index.ts');
    return await Cluster.join({
      ...options,
      servers: nats.split(',').map((url) => url.trim()),
      credentials: natsCreds === undefined ? undefined : Buffer.from(readNamedFile(natsCreds, 'credentials')),
      ca: natsCa,
      prefix: natsPrefix,
      node,
      adopt,
    });
  };
}

/** The page's document, which the build puts beside the command. */
function builtPage(): Promise<Uint8Array> {
  return readFile(new URL('page.html', import.meta.url));
}

function hintFor(code: DataDirectoryErrorCode): string {
  // The sentence ends with the command that mends it, to be copied.
  if (code === 'unsafe_folder') return '';
  return ` Choose another one with --data${code === 'in_use' ? ', or none with --ephemeral' : ''}.`;
}

/** Resolves after a graceful stop; a second signal exits at once. */
async function untilStopped(server: StartedServer): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, resolve);
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(EXIT.failed));
  await server.stop(signal);
}

function explainListening(error: unknown, port: number, host: string): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  switch (error.code) {
    case 'EADDRINUSE':
      return new CommandError(EXIT.failed, `Port ${port} on ${host} is in use. Choose another one with --port.`);
    case 'EACCES':
      return new CommandError(
        EXIT.failed,
        `This user may not listen on port ${port}. Choose one above 1023 with --port.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandError(
        EXIT.failed,
        `${host} is not an address of this machine. Choose another one with --host.`,
      );
    default:
      return error;
  }
}
