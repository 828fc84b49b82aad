// Starts a whole server: data directory, console, chat server, and the file by which commands on this machine find it.

import {
  type DataDirectory,
  DataDirectoryError,
  type DataDirectoryOptions,
  ephemeralDataDirectory,
  type LogEvent,
  openDataDirectory,
  type SyncMode,
} from '../log/index.ts';
import { isLoopbackAddress } from './addresses/address.ts';
import { urlsForOthers } from './addresses/reach.ts';
import { ChatServer, type ChatServerOptions } from './chat-server.ts';
import { systemClock } from './common/clock.ts';
import { Turn } from './common/turn.ts';
import type { Federation, FederationOptions } from './federation.ts';
import * as fromOthers from './from-others.ts';
import { Console, formatOf, nonBlockingStdout } from './reporting/console.ts';
import type { EventSink } from './reporting/events.ts';
import { HEADROOM } from './room/line-frames.ts';
import { removeStateFile, writeStateFile } from './state-file.ts';

export interface StartOptions
  extends Pick<ChatServerOptions, 'limits' | 'trustProxy' | 'compression' | 'pages' | 'version' | 'tls' | 'hsts'> {
  readonly port: number;
  readonly host: string;
  /** Where rooms are kept; undefined: in a folder that goes away with the server. */
  readonly data: string | undefined;
  /** The user's state folder: there commands on this machine look for a running server. */
  readonly state: string;
  readonly sync: SyncMode;
  readonly allowedOrigins: readonly URL[];
  readonly logFormat: 'text' | 'json';
  /** Whether the console shows what people say. */
  readonly texts: boolean;
  /** Breaks a line into rows of the terminal that the console is; undefined where it is none. */
  readonly rows?: ((line: string) => string) | undefined;
  readonly quiet: boolean;
  /** A sync failed, or the data directory is gone: what was told may be lost, so the server has to stop with an error. Called once. */
  readonly onFatal: (message: string) => void;
  /** Makes it one of many servers; undefined for a server of its own. */
  readonly federate?: ((options: FederationOptions) => Promise<Federation>) | undefined;
}

export interface StartedServer {
  readonly url: string;
  /** Resolves when everything is saved and let go of. */
  stop(reason: string): Promise<void>;
  /** An error that nobody has caught and that is not a reason to end: a bug, which the console says whole. */
  unexpected(error: unknown): void;
}

/** Rejects with DataDirectoryError, and with the system's error where the port cannot be bound. */
export async function startServer(options: StartOptions): Promise<StartedServer> {
  const clock = systemClock;
  const turn = new Turn();
  const format = formatOf(options.logFormat, options.texts, options.rows);
  const events: EventSink = options.quiet ? () => {} : new Console(turn, clock, format, nonBlockingStdout()).print;
  const directory = await openDirectory(options, {
    report: (event) => events({ event: 'warning', at: clock.now(), ...describeLogEvent(event) }),
    fatal: (error) => options.onFatal(describeFatal(error)),
  });
  const federation = await federateOr(options, directory, {
    directory,
    headroom: HEADROOM,
    warn: (room, message) =>
      events({ event: 'warning', at: clock.now(), ...(room !== undefined && { room }), message }),
    refuses: (log, bytes) => fromOthers.refuses(server, log, bytes),
    appended: (log, bytes) => server.storage.appended(log, bytes),
    deleted: (room) => {
      fromOthers.roomDeleted(server, room).catch((error) => server.unexpected(error));
    },
    accessChanged: (room) => fromOthers.accessChanged(server, room),
    unservable: (room) => {
      fromOthers.roomUnservable(server, room).catch((error) => server.unexpected(error));
    },
    cutOff: (isCutOff) => fromOthers.cutOff(server, isCutOff),
    asked: (question, reply) => fromOthers.asked(server, question, reply),
  });
  const { limits, trustProxy, compression, pages, version, tls, hsts } = options;
  const origins = { allowed: options.allowedOrigins, loopbackOnly: isLoopbackHost(options.host) };
  const server: ChatServer = new ChatServer({
    directory,
    federation,
    clock,
    turn,
    limits,
    events,
    origins,
    trustProxy,
    compression,
    pages,
    version,
    hsts,
    ...(tls && { tls }),
  });
  const port = await listenOr(server, directory, options);
  const scheme = tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${hostInUrl(options.host)}:${port}`;
  const { state } = options;
  try {
    writeStateFile(state, port, { url, data: directory.path });
  } catch (error) {
    const message = `commands on this machine will not find the server by themselves: ${error instanceof Error ? error.message : error}`;
    events({ event: 'warning', at: clock.now(), message });
  }
  events({
    event: 'started',
    at: clock.now(),
    url,
    others: urlsForOthers(scheme, options.host, port),
    data: directory.path,
    sync: options.data === undefined ? 'off' : options.sync,
  });
  return {
    url,
    stop: async (reason) => {
      // First: once the port is free somebody else may take it, and would be sent the token.
      removeStateFile(state, port);
      await server.stop(reason);
    },
    unexpected: (error) => server.unexpected(error),
  };
}

function openDirectory(
  { data, sync, federate }: StartOptions,
  hooks: Pick<DataDirectoryOptions, 'report' | 'fatal'>,
): Promise<DataDirectory> {
  const copies = federate !== undefined;
  return data === undefined ? ephemeralDataDirectory(hooks) : openDataDirectory(data, { sync, copies, ...hooks });
}

async function federateOr(
  { federate }: StartOptions,
  directory: DataDirectory,
  options: FederationOptions,
): Promise<Federation | undefined> {
  try {
    return await federate?.(options);
  } catch (error) {
    await directory.close();
    throw error;
  }
}

async function listenOr(server: ChatServer, directory: DataDirectory, { port, host }: StartOptions): Promise<number> {
  try {
    return (await server.listen(port, host)).port;
  } catch (error) {
    await directory.close();
    throw error;
  }
}

function describeFatal(error: unknown): string {
  if (error instanceof DataDirectoryError) return error.message.replace(/\.$/, '');
  return `a log could not be synced to the disk: ${error instanceof Error ? error.message : error}`;
}

function describeLogEvent(event: LogEvent): { room?: string; message: string } {
  switch (event.kind) {
    case 'torn-tail':
      return {
        room: event.room,
        message: `the last ${event.bytes} bytes of the log were not a whole line; they are kept in ${event.keptIn}`,
      };
    case 'seq-skipped':
      return {
        room: event.room,
        message: `the machine went down while the log was open: lines of its last second may be lost; numbering continues after ${event.to}`,
      };
    case 'damaged': {
      const { room, offset, end } = event;
      const where = end === undefined ? `at byte ${offset}` : `between bytes ${offset} and ${end}`;
      return {
        room,
        message: `the log is damaged ${where}; the room is closed until it is repaired (see roomchat admin repair)`,
      };
    }
    case 'log-gone':
      return {
        room: event.room,
        message: 'the log was removed or replaced; the room is closed until it is back (see roomchat admin repair)',
      };
    case 'log-shorter':
      return {
        room: event.room,
        message: `the log ends ${event.bytes} bytes before where it once did: it was restored from a backup, or has lost its end`,
      };
    case 'without-sums':
      return {
        room: event.room,
        message: `the log is checked without its checksums: ${event.reason}`,
      };
    case 'mark-failed':
      return {
        room: event.room,
        message:
          event.why === 'remove'
            ? `the file "open" beside the log cannot be removed, which does no harm: ${event.reason}`
            : `new messages wait, because the file "open" beside the log cannot be written: ${event.reason}`,
      };
    case 'unsynced':
      return {
        message: `${event.logs === 1 ? 'the log of 1 room was' : `the logs of ${event.logs} rooms were`} not synced before the stop: the disk is slow. The system writes their last lines by itself; only a power loss before that would lose them`,
      };
    case 'bug':
      return {
        ...(event.room === undefined ? {} : { room: event.room }),
        message: `internal error: ${stackOf(event.error)}`,
      };
    case 'not-a-room':
      return { message: `${event.folder} is not a room and is left alone: ${event.reason}` };
    case 'not-counted':
      return { message: `how much the rooms take on the disk is not known: ${event.reason}` };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** A server that listens on every address is reached on this machine by loopback's. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
