// The server's metrics in Prometheus' text exposition format.

import type { DataDirectory } from '../log/index.ts';
import type { Metrics } from './metrics.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';

export interface ServerStatus {
  readonly metrics: Metrics;
  readonly rooms: Rooms;
  readonly directory: Pick<DataDirectory, 'oldestUnsynced'>;
  readonly connections: number;
  readonly isStopping: boolean;
  readonly version: string;
  clients(): Iterable<Session>;
}

export function metricsText(status: ServerStatus): string {
  const { metrics } = status;
  let joined = 0;
  let reading = 0;
  for (const { state } of status.clients()) {
    if (state.kind !== 'joined') continue;
    joined++;
    if (state.member.state === 'reading') reading++;
  }
  const lines = [
    ...metric('roomchat_build_info', 'gauge', 'The version that runs.', [
      `roomchat_build_info{version="${status.version}"} 1`,
    ]),
    ...single('roomchat_connections', 'gauge', 'Open connections of clients.', status.connections),
    ...single('roomchat_clients', 'gauge', 'Clients that have joined a room.', joined),
    ...single('roomchat_readers', 'gauge', 'Clients that are served from a log because they are behind.', reading),
    ...single('roomchat_open_rooms', 'gauge', 'Rooms whose log is open.', status.rooms.size),
    ...single(
      'roomchat_oldest_unsynced_seconds',
      'gauge',
      'Age of the oldest line that is not synced to the disk.',
      status.directory.oldestUnsynced / 1000,
    ),
    ...single('roomchat_joins_total', 'counter', 'Joins since the start.', metrics.joins),
    ...single('roomchat_commands_total', 'counter', 'Commands of clients since the start.', metrics.commands),
    ...single('roomchat_messages_total', 'counter', 'Lines saved since the start.', metrics.messages),
    ...single(
      'roomchat_appended_bytes_total',
      'counter',
      'Bytes appended to logs since the start.',
      metrics.appendedBytes,
    ),
    ...metric('roomchat_refusals_total', 'counter', 'Refused connections and commands by reason.', refusals(metrics)),
    ...metric(
      'roomchat_append_seconds',
      'histogram',
      'Time to append a batch.',
      metrics.appendSeconds.lines('roomchat_append_seconds'),
    ),
    ...metric(
      'roomchat_fan_out_seconds',
      'histogram',
      'Time to hand a batch to all members.',
      metrics.fanOutSeconds.lines('roomchat_fan_out_seconds'),
    ),
    ...single('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', process.memoryUsage.rss()),
    ...single('process_cpu_seconds_total', 'counter', 'CPU time of the process.', cpuSeconds()),
  ];
  return `${lines.join('\n')}\n`;
}

function metric(name: string, type: string, help: string, samples: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
}

function single(name: string, type: string, help: string, value: number): string[] {
  return metric(name, type, help, [`${name} ${value}`]);
}

function refusals({ refusals }: Metrics): string[] {
  return [...refusals].map(([reason, count]) => `roomchat_refusals_total{reason="${reason}"} ${count}`);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
