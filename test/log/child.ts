// A process of its own that uses a data directory, for tests that kill one or limit what it may write.
// `hold DIR` opens it, says `held`, and stays; `fill DIR` appends until the disk is full and says how that went.
import { openDataDirectory } from '../../src/log/index.ts';
import { line } from './support-lines.ts';

const [command, path = ''] = process.argv.slice(2);
const options = { sync: 'interval', report: () => {}, fatal: () => process.exit(9) } as const;

async function hold(): Promise<void> {
  await openDataDirectory(path, options);
  process.stdout.write('held\n');
  // The lock alone does not keep a process alive.
  process.stdin.resume();
}

async function fill(): Promise<void> {
  const directory = await openDataDirectory(path, options);
  const log = await directory.create('lobby', { created: 5 }, { durable: () => {}, late: () => {} });
  let refused = '';
  while (refused === '') {
    const seq = log.lastSeq + 1;
    try {
      log.append(Buffer.from(line(seq, 'x'.repeat(1000))), seq);
    } catch (error) {
      refused = error instanceof Error ? error.name : String(error);
    }
  }
  process.stdout.write(`${JSON.stringify({ refused, lastSeq: log.lastSeq, end: log.appendedEnd })}\n`);
  await directory.close();
}

try {
  await (command === 'hold' ? hold() : fill());
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.name : error}\n`);
  process.exitCode = 1;
}
