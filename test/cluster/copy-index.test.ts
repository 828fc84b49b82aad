// The index of a copy: what of the log it vouches for when it is opened, and what that costs.

import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CopyDamagedError, CopyIndex } from '../../src/cluster/copy-index.ts';
import { crc32 } from '../../src/log/index.ts';
import { temporaryFolder } from './own-rooms.ts';

const MIB = 1024 * 1024;

/** A copy of so many MiB, a message each. */
async function copyOf(mebibytes: number) {
  const folder = await temporaryFolder();
  const [index, log] = [join(folder, 'copy.index'), join(folder, 'log.ndjson')];
  writeFileSync(log, '');
  const written = await CopyIndex.open(index, log);
  for (let i = 1; i <= mebibytes; i++) {
    const bytes = Buffer.alloc(MIB, i);
    appendFileSync(log, bytes);
    written.append({ sequence: i, end: i * MIB, lastSeq: i, sum: crc32(bytes, written.state.sum) });
  }
  written.close();
  const bend = (position: number) => {
    const fd = openSync(log, 'r+');
    writeSync(fd, 'x', position);
    closeSync(fd);
  };
  return { bend, open: () => CopyIndex.open(index, log) };
}

it.each([1, 16, 17, 40])('takes a copy of %i MiB as it was written', async (mebibytes) => {
  const { open } = await copyOf(mebibytes);
  const index = await open();
  expect(index.state).toMatchObject({ sequence: mebibytes, end: mebibytes * MIB });
  index.close();
});

it.each([
  [1, 0],
  [17, MIB],
  [40, 24 * MIB],
  [40, 40 * MIB - 1],
])('finds a wrong byte in the last 16 MiB: in one of %i MiB at byte %i', async (mebibytes, position) => {
  const { bend, open } = await copyOf(mebibytes);
  bend(position);
  await expect(open()).rejects.toThrow(CopyDamagedError);
});

it('reads no more than the end of a large one', async () => {
  const { bend, open } = await copyOf(40);
  bend(0);
  (await open()).close();
});
