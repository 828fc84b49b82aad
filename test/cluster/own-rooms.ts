// Data directories with rooms of a server of its own, and nodes that are started on them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Cluster, type ClusterOptions } from '../../src/cluster/index.ts';
import { type DataDirectory, type NewRoom, openDataDirectory } from '../../src/log/index.ts';
import { line } from '../log/support-lines.ts';
import { NO_SERVER } from '../support/no-server.ts';

const nobody = { durable: () => {}, late: () => {} };

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roomchat-own-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function openDirectory(folder: string): Promise<DataDirectory> {
  return openDataDirectory(folder, { sync: 'off', copies: true, report: () => {}, fatal: () => {} });
}

/** Lines of a room, numbered from 1. */
export function linesOfRoom(room: string, count: number, length = 0): string[] {
  return Array.from({ length: count }, (_, i) => line(i + 1, `${room} ${i + 1} ${'x'.repeat(length)}`));
}

/** Makes a room as a server of its own leaves it; answers the bytes of its log. */
export async function makeRoom(
  folder: string,
  room: string,
  lines: readonly string[],
  made: NewRoom = { created: 1 },
): Promise<string> {
  const directory = await openDirectory(folder);
  const log = await directory.create(room, made, nobody);
  for (const one of lines) log.append(Buffer.from(one), Number(/"seq":(\d+)/.exec(one)?.[1]));
  await log.close();
  await directory.close();
  return lines.join('');
}

export interface StartedNode {
  readonly cluster: Cluster;
  readonly directory: DataDirectory;
  readonly said: string[];
  stop(): Promise<void>;
}

/** Rejects as Cluster.join does. It is stopped when the test ends. */
export async function startNode(
  folder: string,
  options: Pick<ClusterOptions, 'servers' | 'prefix' | 'node'> & Partial<ClusterOptions>,
): Promise<StartedNode> {
  const directory = await openDirectory(folder);
  const said: string[] = [];
  let cluster: Cluster;
  try {
    cluster = await Cluster.join({
      ...NO_SERVER,
      directory,
      headroom: 10,
      warn: (room, message) => said.push(room === undefined ? message : `${room}: ${message}`),
      ...options,
    });
  } catch (error) {
    await directory.close();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await cluster.close();
    await directory.close();
  };
  const node = { cluster, directory, said, stop: () => (stopping ??= stop()) };
  onTestFinished(() => node.stop());
  return node;
}
