// The server's metrics in Prometheus' text exposition format.

import type { DataDirectory } from '../../log/index.ts';

import type { Distribution, HeldBack, Metric, Metrics } from '../reporting/metrics.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Storage } from '../room/storage.ts';
import type { Session } from '../session/session.ts';

export interface ServerStatus {
  readonly metrics: Metrics;
  readonly rooms: Rooms;
  readonly storage: Storage;
  readonly directory: Pick<DataDirectory, 'oldestUnsynced'>;
  readonly connections: number;
  readonly isStopping: boolean;
  /** The other servers cannot be reached. */
  readonly isCutOff: boolean;
  readonly version: string;
  readonly clients: { readonly joined: Iterable<Session> };
  /** Those of whatever makes this server one of many. */
  sharedMetrics(): Iterable<Metric>;
}

export function metricsText(status: ServerStatus): string {
  const { metrics } = status;
  let joined = 0;
  let reading = 0;
  for (const { state } of status.clients.joined) {
    if (state.kind !== 'joined') continue;
    joined++;
    if (state.member.state === 'reading') reading++;
  }
  const lines = [
    ...metric('roomchat_build_info', 'gauge', 'The running version.', [
      `roomchat_build_info{version="${status.version}"} 1`,
    ]),
    ...single('roomchat_connections', 'gauge', 'Open connections of clients.', status.connections),
    ...single('roomchat_clients', 'gauge', 'Clients that have joined a room.', joined),
    ...single('roomchat_readers', 'gauge', 'Clients that are behind and read from the log.', reading),
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
    ...metric(
      'roomchat_refusals_total',
      'counter',
      'Refused connections and commands by reason.',
      byReason('roomchat_refusals_total', metrics.refusals),
    ),
    ...metric(
      'roomchat_not_saved_total',
      'counter',
      'Lines that were not saved, by reason.',
      byReason('roomchat_not_saved_total', metrics.notSaved),
    ),
    ...held('roomchat_slowed', 'connections because their address was over its rate', metrics.slowed),
    ...held('roomchat_slowed_replays', 'replays because their address was over its rate', metrics.slowedReplays),
    ...single('roomchat_stored_rooms', 'gauge', 'Rooms on the disk.', status.storage.rooms),
    ...single('roomchat_log_bytes', 'gauge', 'Bytes of all logs.', status.storage.bytes),
    ...free(status.storage.freeBytes),
    ...histogram('roomchat_append_seconds', 'Time to append a batch.', metrics.appendSeconds),
    ...histogram('roomchat_fan_out_seconds', 'Time to hand a batch to all members.', metrics.fanOutSeconds),
    ...[...status.sharedMetrics()].flatMap(linesOf),
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

/** Cumulative buckets, sum and count. */
function histogram(name: string, help: string, { bounds, counts, sum, count }: Distribution): string[] {
  let cumulative = 0;
  const buckets = bounds.map((bound, i) => {
    cumulative += counts[i] ?? 0;
    return `${name}_bucket{le="${bound}"} ${cumulative}`;
  });
  const ends = [`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`];
  return metric(name, 'histogram', help, [...buckets, ...ends]);
}

function linesOf({ name, type, help, value }: Metric): string[] {
  return typeof value === 'number' ? single(name, type, help, value) : histogram(name, help, value);
}

function byReason(name: string, counts: ReadonlyMap<string, number>): string[] {
  return [...counts].map(([reason, count]) => `${name}{reason="${reason}"} ${count}`);
}

function held(name: string, what: string, { heldBack, heldBackNow }: HeldBack): string[] {
  return [
    ...single(name, 'gauge', `Held back now: ${what}.`, heldBackNow),
    ...single(`${name}_total`, 'counter', `Held back since the start: ${what}.`, heldBack),
  ];
}

/** Nothing where it is not known. */
function free(bytes: number): string[] {
  return Number.isFinite(bytes)
    ? single('roomchat_free_bytes', 'gauge', 'Bytes of the disk that may be taken.', bytes)
    : [];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
