// Tears the end of a log again and again, in every way that a power loss may, and checks that nothing whole is lost.
// Usage: node test/support/run.js test/soak/torn-tail.ts [rounds] [seed]
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogEvent, openDataDirectory } from '../../src/log/index.ts';
import { line, notice, random, rises, seqs } from '../log/support-lines.ts';

const rounds = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? 1);
const next = random(seed);
const path = mkdtempSync(join(tmpdir(), 'roomchat-soak-'));
const events: LogEvent[] = [];
const violations: string[] = [];
let torn = 0;
let lines = 0;

const directory = await openDataDirectory(path, {
  sync: 'off',
  report: (event) => events.push(event),
  fatal: (error) => violations.push(String(error)),
});
await (await directory.create('lobby', { created: 0 }, { durable: () => {}, late: () => {} })).close();
const file = join(path, 'rooms', 'lobby', 'log.ndjson');

/** A tail that no server meant to leave. None holds a whole line. */
function tail(): Buffer {
  const whole = Buffer.from(line(1_000_000, 'é'.repeat(next(3_000))));
  const part = whole.subarray(0, next(whole.length));
  const nuls = Buffer.alloc(1 + next(100_000));
  const ways = [
    part,
    nuls,
    Buffer.concat([part, nuls]),
    Buffer.concat([nuls, part]),
    Buffer.concat([nuls, Buffer.from('"}\n')]),
  ];
  return ways[next(ways.length)] ?? nuls;
}

let expected = Buffer.alloc(0);
for (let round = 0; round < rounds; round += 1) {
  // Now and then a cut instead: the lines behind it are gone, those before it stay.
  const cutting = next(5) === 0 && expected.length > 0;
  const bytes = cutting ? Buffer.alloc(0) : tail();
  if (cutting) {
    const cut = Math.max(0, expected.length - next(2_000));
    truncateSync(file, cut);
    expected = expected.subarray(0, cut === 0 ? 0 : expected.lastIndexOf(0x0a, cut - 1) + 1);
  } else {
    writeFileSync(file, bytes, { flag: 'a' });
  }
  const size = readFileSync(file).length;

  events.length = 0;
  const log = await directory.open('lobby', { durable: () => {}, late: () => {} });
  const event = events.find(({ kind }) => kind === 'torn-tail');
  if (size > expected.length) {
    torn += 1;
    if (event?.kind !== 'torn-tail' || event.bytes !== size - expected.length)
      violations.push(`round ${round}: not said`);
    else {
      if (!cutting && !readFileSync(event.keptIn).equals(bytes)) violations.push(`round ${round}: not kept aside`);
      rmSync(event.keptIn);
    }
  }
  const last = seqs(expected.toString()).at(-1) ?? 0;
  if (log.lastSeq !== last) violations.push(`round ${round}: seq ${log.lastSeq} instead of ${last}`);
  const seq = log.lastSeq + 1 + next(2);
  const added = Buffer.from(next(8) === 0 ? notice(seq, 'a notice') : line(seq, 'ö'.repeat(next(200))));
  log.append(added, seq);
  lines += 1;
  await log.close();
  expected = Buffer.concat([expected, added]);
  if (!readFileSync(file).equals(expected)) violations.push(`round ${round}: the log is not what was accepted`);
  if (!rises(seqs(expected.toString()))) violations.push(`round ${round}: seq does not rise`);
  if (violations.length > 10) break;
  // A log that grows would make each round slower than the one before.
  if (expected.length > 20_000) {
    expected = Buffer.from(expected.subarray(expected.lastIndexOf(0x0a, -1_000) + 1));
    writeFileSync(file, expected);
    rmSync(join(file, '..', 'log.sums'), { force: true });
  }
}
await directory.close();
rmSync(path, { recursive: true, force: true });
for (const violation of violations) console.log(violation);
console.log(
  `seed ${seed}: ${rounds} rounds, ${torn} torn tails, ${lines} lines appended, ${violations.length} violations`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
