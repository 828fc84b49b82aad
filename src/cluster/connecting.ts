// A node's way into NATS: it comes in, or says in one sentence what to do. Never prints a password, nor an address that may hold
// one.

import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import {
  type Authenticator,
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node';
import { EngineError, violationOf } from './engine.ts';
import { ClusterError } from './errors.ts';
import { type Login, parseAddresses } from './nats-addresses.ts';

/** The oldest nats-server that is used: 2.9 lost a message that it had acknowledged. */
const OLDEST: readonly [number, number] = [2, 11];
/** What a batch may take, its headers included. */
const PAYLOAD_BYTES = 1024 * 1024;
const RECONNECT_MS = 250;
const PING_MS = 1_000;
const DIAL_MS = 2_000;

const NO_JETSTREAM = new Set([10_035, 10_039, 10_076]);
const NO_ROOM = new Set([10_023, 10_028, 10_047]);

export interface ConnectOptions {
  /** nats://host:port, or tls://; perhaps with a user and a password. */
  readonly servers: readonly string[];
  /** The content of a credentials file. */
  readonly credentials?: Uint8Array | undefined;
  /** Path of the certificates that are trusted, in PEM. */
  readonly ca?: string | undefined;
  readonly node: string;
}

/** Rejects with ClusterError. */
export async function connectTo({ servers: given, credentials, ca, node }: ConnectOptions): Promise<NatsConnection> {
  const { servers, needsTls, login } = parseAddresses(given);
  const authenticator = credentials && authenticatorOf(credentials);
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: [...servers],
      name: `roomchat ${node}`,
      noAsyncTraces: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      // Who is refused for a while, as after a mistake in the servers' configuration, comes back too.
      ignoreAuthErrorAbort: true,
      // A server that stands still is left for another one after so long.
      pingInterval: PING_MS,
      maxPingOut: 2,
      timeout: DIAL_MS,
      ...(authenticator ? { authenticator } : login),
      // Where neither asks for it, it is the server's to decide.
      ...((ca !== undefined || needsTls) && { tls: tlsOf(servers, ca) }),
    });
  } catch (error) {
    throw new ClusterError(whyRefused(error, servers.join(', '), credentials === undefined ? login : 'credentials'));
  }
  try {
    check(connection);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** What JetStream did not do for a node that begins, as a sentence; anything else as it is. */
export function explainRefusal(error: unknown): unknown {
  const violation = violationOf(error);
  if (violation !== undefined) {
    const { operation, subject } = violation;
    return new ClusterError(
      `NATS does not allow this user to ${operation} "${subject}": give the cluster an account of its own, without permissions that limit it.`,
    );
  }
  if (error instanceof EngineError) {
    const { number = 0 } = error;
    if (NO_JETSTREAM.has(number)) {
      return new ClusterError('This account of NATS may not use JetStream: enable it, with room on the disk.');
    }
    if (NO_ROOM.has(number)) {
      return new ClusterError(`${error.message}: raise max_file of the nats-servers, or the limits of the account.`);
    }
    return new ClusterError(`JetStream refuses what is needed. ${error.message}.`);
  }
  if (error instanceof Error && /^(TimeoutError|NoResponders|RequestError)$/.test(error.name)) {
    return new ClusterError(
      'JetStream does not answer. Are most of its nats-servers running, and do they reach each other?',
    );
  }
  return error;
}

/**
 * Of a server that is reached by a bare address, the client of NATS asks whether its certificate is for `localhost`: it has to be
 * for one of those addresses.
 */
function tlsOf(servers: readonly string[], ca: string | undefined): TlsOptions {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
  const here = hosts.filter((host) => isIP(host) !== 0 || host === 'localhost');
  const check: ConnectionOptions['checkServerIdentity'] = (asked, certificate) => {
    if (asked !== 'localhost') return checkServerIdentity(asked, certificate);
    const errors = here.map((host) => checkServerIdentity(host, certificate));
    return errors.includes(undefined) ? undefined : errors[0];
  };
  const options = { checkServerIdentity: check, ...(ca !== undefined && { caFile: ca }) };
  return options;
}

function authenticatorOf(credentials: Uint8Array): Authenticator {
  const authenticator = credsAuthenticator(credentials);
  try {
    authenticator('');
    return authenticator;
  } catch {
    throw new ClusterError(
      'The file of --nats-creds holds no credentials: it takes what `nsc generate creds` writes, a JWT and a seed.',
    );
  }
}

function whyRefused(error: unknown, servers: string, given: Login | 'credentials' | undefined): string {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof AuthorizationError) {
    if (given === undefined) {
      return `NATS at ${servers} wants to know who this is: give --nats-creds, or a user and password as in nats://user:password@host.`;
    }
    const what = given === 'credentials' ? 'the credentials of --nats-creds' : 'the user and password of --nats';
    return `NATS at ${servers} does not take ${what}: check them, and the accounts in its configuration.`;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `NATS at ${servers} has a certificate for another name: use a name that is in it, or make a new one. (${why})`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of NATS at ${servers} has expired: make a new one.`;
  if (/CERT|SIGNATURE/.test(code)) {
    return `NATS at ${servers} has a certificate that is not trusted: name its issuer's with --nats-ca. (${why})`;
  }
  if (/does not support 'tls'/.test(why)) {
    return `NATS at ${servers} has no TLS: add it to its configuration, or leave out --nats-ca and tls://.`;
  }
  return `NATS cannot be reached at ${servers}: ${why}. Is nats-server running there?`;
}

function check({ info }: NatsConnection): void {
  const version = info?.version ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new ClusterError(`nats-server ${version} is too old: install ${OLDEST.join('.')} or newer.`);
  }
  if (info?.jetstream !== true) {
    throw new ClusterError('This nats-server runs without JetStream: add a jetstream block to its configuration.');
  }
  if (info.max_payload < PAYLOAD_BYTES) {
    throw new ClusterError(
      `This nats-server takes messages of at most ${info.max_payload} bytes: set its max_payload to 1MB, as it is by default.`,
    );
  }
}
