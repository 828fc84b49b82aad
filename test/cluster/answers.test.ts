// Answers that are not true, or do not come. nats-servers whose streams' disks were full acknowledged batches, and did not have them
// until they were started again.

import { connect, type MsgHdrs } from '@nats-io/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import { decodeMessage } from '../../src/cluster/batch-message.ts';
import { Counters } from '../../src/cluster/counters.ts';
import { type Appended, Engine } from '../../src/cluster/engine.ts';
import { Fullness } from '../../src/cluster/fullness.ts';
import { SharedLog } from '../../src/cluster/shared-log.ts';
import { Names } from '../../src/cluster/subjects.ts';
import { eventually } from '../support/eventually.ts';
import { hasNatsServer, type Nats, startNats } from '../support/nats.ts';
import { NO_OWNER } from '../support/no-server.ts';

const EPOCH = 'e';
const PATIENCE_MS = 10_000;

/** JetStream as it is; while it is sick, what it acknowledges is lost. */
class ForgetfulEngine extends Engine {
  isSick = false;
  forgotten = 0;
  /** So many appends have no answer. */
  silences = 0;
  /** How long it was to wait for each answer: milliseconds. */
  readonly waits: number[] = [];

  override async append(subject: string, fields: MsgHdrs, lines: Uint8Array, timeout: number): Promise<Appended> {
    this.waits.push(timeout);
    if (this.silences-- > 0) return { kind: 'unknown', reason: 'timeout' };
    if (!this.isSick) return super.append(subject, fields, lines, timeout);
    this.forgotten++;
    return { kind: 'stored' };
  }
}

/** A room's log at one node, whose copy is in memory. */
async function openLog(nats: Nats, node: string) {
  const connection = await connect({ servers: [...nats.urls] });
  onTestFinished(() => connection.close());
  const names = new Names('');
  const engine = new ForgetfulEngine(connection, names);
  await engine.makeStreams();
  const copy: Buffer[] = [];
  let batches = 0;
  const log = new SharedLog({
    engine,
    stream: names.stream(0),
    subject: `chat.0.lobby.${EPOCH}`,
    copy: {
      state: { sequence: 0, end: 0, lastSeq: 0, sum: 0 },
      get end() {
        return Buffer.concat(copy).length;
      },
      append: (lines) => copy.push(lines),
    },
    newBatchName: () => `${node}/${++batches}`,
    headroom: 0,
    counters: new Counters(),
    full: new Fullness(() => {}),
    refuses: () => undefined,
    failed: () => {},
  });
  connection.subscribe(`live.0.lobby.${EPOCH}`, {
    callback: (_, { headers, data }) => {
      const sequence = Number(headers?.get('Nats-Sequence'));
      log.live(decodeMessage(sequence, headers, data), Number(headers?.get('Nats-Last-Sequence')));
    },
  });
  await connection.flush();
  const answers: string[] = [];
  const ledger = log.begin({
    committed: (all) => answers.push(...all.filter(({ own }) => own > 0).map(() => 'committed')),
    lost: () => answers.push('lost'),
    ...NO_OWNER,
    dropped: () => answers.push('dropped'),
  });
  onTestFinished(() => log.close());
  const say = (text: string) =>
    ledger.append([{ encode: (seq) => `{"seq":${seq},"text":"${text}"}\n`, author: undefined }]);
  return { engine, log, say, answers, text: () => Buffer.concat(copy).toString() };
}

it.skipIf(!hasNatsServer())(
  'an acknowledgement alone does not count: the batch is appended until it is there',
  async () => {
    const nats = await startNats({ servers: 1 });
    onTestFinished(() => nats.end());
    const [sick, whole] = [await openLog(nats, 'sick'), await openLog(nats, 'whole')];
    sick.engine.isSick = true;
    sick.say('mine');
    await eventually('it was acknowledged twice', PATIENCE_MS, async () => sick.engine.forgotten > 1);
    expect(sick.answers).toEqual([]);
    whole.say('yours');
    await eventually('the other batch is seen', PATIENCE_MS, async () => sick.text().includes('yours'));
    expect(sick.answers).toEqual([]);
    sick.engine.isSick = false;
    await eventually('it has its place', PATIENCE_MS, async () => whole.text().includes('mine'));
    await eventually('it is told', PATIENCE_MS, async () => sick.answers.length > 0);
    expect(sick.answers).toEqual(['committed']);
    expect(sick.text()).toBe('{"seq":1,"text":"yours"}\n{"seq":2,"text":"mine"}\n');
    expect(whole.text()).toBe(sick.text());
  },
);

it.skipIf(!hasNatsServer())('an answer that does not come is waited for shortly, and longer each time', async () => {
  const nats = await startNats({ servers: 1 });
  onTestFinished(() => nats.end());
  const { engine, say, answers, text } = await openLog(nats, 'node');
  engine.silences = 5;
  say('mine');
  await eventually('it is told', PATIENCE_MS, async () => answers.length > 0);
  expect(engine.waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(text()).toBe('{"seq":1,"text":"mine"}\n');
});
