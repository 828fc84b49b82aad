// Speakers of rooms of a cluster, without sockets before them: what appending costs, by our code and by plain publishes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, headers } from '@nats-io/transport-node';
import { Engine, untilReady } from '../../../src/cluster/engine.ts';
import { Cluster } from '../../../src/cluster/index.ts';
import { Names } from '../../../src/cluster/subjects.ts';
import { type NewLine, openDataDirectory } from '../../../src/log/index.ts';
import { NO_OWNER, NO_SERVER } from '../../support/no-server.ts';
import type { AppendJob, Figures } from './job.ts';
import { quantile } from './quantile.ts';

const TEXT = 'x'.repeat(100);
const HEADROOM = 10;
const REQUEST_MS = 5_000;
/** No room has it: what is published there is no batch. */
const PLAIN_EPOCH = 'plain';

/** Milliseconds from the handing over of each line until it had its place. */
type Answers = number[];

const line: NewLine = {
  encode: (seq, at) => lineOf(seq, Math.max(at, Date.now())),
  author: undefined,
};

function lineOf(seq: number, at: number): string {
  return `{"type":"message","seq":${seq},"at":${at},"id":"0123456789abcdef","nick":"speaker","text":"${TEXT}"}\n`;
}

export async function append(job: AppendJob): Promise<Figures> {
  const answers: Answers = [];
  const start = job.by === 'cluster' ? await inCluster(job, answers) : await byPublishing(job, answers);
  await wait(Math.max(0, job.startAt - Date.now()));
  const stop = start();
  await wait(job.warmUpMs);
  answers.length = 0;
  const began = performance.now();
  await wait(job.measureMs);
  const seconds = (performance.now() - began) / 1000;
  const measured = answers.slice();
  stop();
  return {
    rate: measured.length / seconds,
    p50: quantile(measured, 0.5),
    p99: quantile(measured, 0.99),
  };
}

/** Resolves with what starts the speakers, which answers what ends them. */
async function inCluster(job: AppendJob, answers: Answers): Promise<() => () => void> {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const directory = await openDataDirectory(folder, { sync: 'off', report: () => {}, fatal: () => {} });
  const { rooms } = await Cluster.join({
    servers: job.servers,
    prefix: '',
    node: job.node,
    directory,
    headroom: HEADROOM,
    ...NO_SERVER,
  });
  let isOver = false;
  const starts: (() => void)[] = [];
  for (let i = 0; i < job.rooms; i++) {
    const name = roomOf(i);
    // A bucket that was only just made has no replica yet that answers.
    const { ledger } = await untilReady(async () => (await created(rooms, name)) ?? rooms.open(name));
    const handedOver: number[] = [];
    const say = (count: number) => {
      const now = performance.now();
      for (let n = 0; n < count; n++) handedOver.push(now);
      own.append(Array.from({ length: count }, () => line));
    };
    const own = ledger({
      committed: (batches) => {
        const now = performance.now();
        const count = batches.reduce((sum, batch) => sum + batch.own, 0);
        for (const at of handedOver.splice(0, count)) answers.push(now - at);
        // As soon as one who publishes says the next: once all that came at once was handled.
        if (count > 0 && !isOver) queueMicrotask(() => say(count));
      },
      lost: (_, error) => {
        throw error;
      },
      ...NO_OWNER,
    });
    starts.push(() => say(job.speakers));
  }
  return () => {
    for (const start of starts) start();
    return () => {
      isOver = true;
    };
  };
}

async function created(rooms: Cluster['rooms'], name: string) {
  return rooms.has(name) ? undefined : rooms.create(name, { created: Date.now() });
}

async function byPublishing(job: AppendJob, answers: Answers): Promise<() => () => void> {
  const connection = await connect({ servers: [...job.servers], noAsyncTraces: true });
  const names = new Names('');
  await new Engine(connection, names).makeStreams();
  let isOver = false;
  let published = 0;
  const speak = async (subject: string) => {
    while (!isOver) {
      const at = performance.now();
      const fields = headers();
      if (job.by === 'id') fields.set('Nats-Msg-Id', `${job.node}-${++published}`);
      const options = { timeout: REQUEST_MS, ...(job.by === 'id' && { headers: fields }) };
      const answer = await connection.request(subject, lineOf(published, Date.now()), options);
      const { error } = answer.json<{ error?: { description: string } }>();
      if (error !== undefined) throw new Error(error.description);
      answers.push(performance.now() - at);
    }
  };
  return () => {
    for (let i = 0; i < job.rooms; i++) {
      const name = roomOf(i);
      for (let n = 0; n < job.speakers; n++) {
        speak(names.room(name, PLAIN_EPOCH)).catch((error) => {
          process.stderr.write(`${error}\n`);
          process.exit(1);
        });
      }
    }
    return () => {
      isOver = true;
    };
  };
}

function roomOf(index: number): string {
  return `bench-${index}`;
}
