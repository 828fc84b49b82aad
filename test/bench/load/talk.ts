// Members that talk and listen. A sender keeps its window full by the marks that come back; of the others' bytes nothing
// is looked at: what a message takes is known from the senders' share.
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSeconds } from '../proc.ts';
import type { Figures, TalkJob } from './job.ts';
import { quantile } from './quantile.ts';
import { clientFrame, MARK, openAll, type RawClient } from './raw-client.ts';

const TEXT_BYTES = 100;
const MARK_CODE = MARK.charCodeAt(0);
const FIRST_LETTER = 65;

interface Counts {
  marks: number;
  bytes: number;
}

/** One member that reads what comes: all marks, and those behind which its own letter stands. */
class Sender {
  readonly counts: Counts = { marks: 0, bytes: 0 };
  readonly #letter: number;
  readonly #frame: Buffer;
  readonly #frames: Buffer;
  #markAtEnd = false;
  readonly #client: RawClient;
  readonly #answers: boolean;

  constructor(client: RawClient, index: number, window: number, answers: boolean) {
    this.#client = client;
    this.#answers = answers;
    this.#letter = FIRST_LETTER + index;
    const text = MARK + String.fromCharCode(this.#letter) + 'x'.repeat(TEXT_BYTES - 2);
    this.#frame = clientFrame(JSON.stringify({ type: 'say', text }));
    this.#frames = Buffer.concat(Array.from({ length: window }, () => this.#frame));
    client.onBytes = (length, buffer) => this.#read(length, buffer);
  }

  say(messages: number): void {
    this.#client.socket.write(this.#frames.subarray(0, messages * this.#frame.length));
  }

  #read(length: number, buffer: Buffer): void {
    let own = this.#markAtEnd && buffer[0] === this.#letter ? 1 : 0;
    this.#markAtEnd = false;
    const bytes = buffer.subarray(0, length);
    for (let at = bytes.indexOf(MARK_CODE); at !== -1; at = bytes.indexOf(MARK_CODE, at + 1)) {
      this.counts.marks++;
      if (at + 1 === length) this.#markAtEnd = true;
      else if (bytes[at + 1] === this.#letter) own++;
    }
    this.counts.bytes += length;
    if (this.#answers && own > 0) this.say(own);
  }
}

export async function talk(job: TalkJob): Promise<Figures> {
  const { rooms, members, window } = job;
  const clients = await openAll(rooms * members, (index) => ({
    port: job.port,
    room: `bench-${index % rooms}`,
    nick: `m${index}`,
    join: {},
  }));
  // What the joins gave to tell is told by then.
  await wait(500);
  const paced = job.perSecond !== undefined;
  const senders: Sender[] = [];
  for (let i = 0; i < job.senders * rooms; i++) {
    const client = clients[i];
    if (client !== undefined) senders.push(new Sender(client, Math.floor(i / rooms), window, !paced));
  }
  const latencies: number[] = [];
  let stop = () => {};
  if (job.perSecond !== undefined) {
    stop = pace(senders, clients.slice(senders.length), job.perSecond, latencies);
  } else {
    for (const sender of senders) sender.say(window);
  }

  await wait(job.warmUpMs);
  for (const client of clients) client.bytes = 0;
  for (const { counts } of senders) Object.assign(counts, { marks: 0, bytes: 0 });
  latencies.length = 0;
  const cpuBefore = cpuSeconds(job.pid);
  const began = performance.now();
  await wait(job.measureMs);
  const cpu = cpuSeconds(job.pid) - cpuBefore;
  const seconds = (performance.now() - began) / 1000;
  const deliveries = deliveriesOf(clients, senders);
  stop();
  for (const client of clients) client.socket.destroy();
  return {
    cpuPerDelivery: cpu / deliveries,
    rate: deliveries / seconds,
    ...(paced ? { p99: quantile(latencies, 0.99) } : {}),
  };
}

function deliveriesOf(clients: readonly RawClient[], senders: readonly Sender[]): number {
  let marks = 0;
  let markedBytes = 0;
  for (const { counts } of senders) {
    marks += counts.marks;
    markedBytes += counts.bytes;
  }
  let bytes = 0;
  for (const client of clients) bytes += client.bytes;
  return (bytes * marks) / markedBytes;
}

/** Sends in turn at an even pace, and takes the time until each listener has it. */
function pace(
  senders: readonly Sender[],
  listeners: readonly RawClient[],
  perSecond: number,
  latencies: number[],
): () => void {
  let sentAt = 0;
  let turn = 0;
  for (const listener of listeners) {
    listener.onBytes = () => latencies.push(performance.now() - sentAt);
  }
  const timer = setInterval(() => {
    sentAt = performance.now();
    senders[turn++ % senders.length]?.say(1);
  }, 1000 / perSecond);
  return () => clearInterval(timer);
}
