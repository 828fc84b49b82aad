// A chat server in the test's own process, whose clock, files and limits the test may bend. It binds a free port of
// loopback, and must never share a folder with another.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataDirectoryOptions, openDataDirectory } from '../../src/log/index.ts';
import { ChatServer } from '../../src/server/chat-server.ts';
import { type Clock, systemClock } from '../../src/server/common/clock.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/server/common/limits.ts';
import { Turn } from '../../src/server/common/turn.ts';
import type { ServerEvent } from '../../src/server/reporting/events.ts';

export interface LocalServerOptions extends Partial<Pick<DataDirectoryOptions, 'sync' | 'fs' | 'bootId'>> {
  /** A data directory that outlives the server; without it, one that goes away with the server. */
  readonly data?: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly trustProxy?: boolean;
  readonly compression?: boolean;
}

export interface LocalServer {
  readonly chat: ChatServer;
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** What its console would have printed. */
  readonly events: ServerEvent[];
  /** The failed syncs after which a real server stops. */
  readonly fatal: unknown[];
  stop(): Promise<void>;
}

export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'roomchat-local-')));
  const events: ServerEvent[] = [];
  const fatal: unknown[] = [];
  const directory = await openDataDirectory(data, {
    sync: options.sync ?? 'interval',
    fs: options.fs,
    bootId: options.bootId,
    report: (event) => events.push({ event: 'warning', at: 0, message: JSON.stringify(event) }),
    fatal: (error) => fatal.push(error),
  });
  const chat = new ChatServer({
    directory,
    clock: options.clock ?? systemClock,
    turn: new Turn(),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    events: (event) => events.push(event),
    origins: { allowed: [], loopbackOnly: true },
    trustProxy: options.trustProxy ?? false,
    compression: options.compression ?? false,
    pages: { publicMetrics: false },
    version: 'test',
  });
  const { port } = await chat.listen(options.port ?? 0, '127.0.0.1');
  return {
    chat,
    url: `http://127.0.0.1:${port}`,
    port,
    data,
    events,
    fatal,
    stop: async () => {
      await chat.stop('the test is over');
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}
