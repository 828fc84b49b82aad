import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AppendError, nodeFileSystem, UncertainAppendError } from '../../src/log/index.ts';
import { type Faults, failingFileSystem, systemError } from './failing-file-system.ts';
import { appendLines, keepLines, nobody, opened, readAll, temporaryFolder } from './support.ts';
import { line } from './support-lines.ts';

async function roomWith(faults: Faults, sync: 'interval' | 'always' = 'interval') {
  const path = temporaryFolder();
  const { directory } = await opened(path, { fs: failingFileSystem(faults), sync });
  const log = await directory.create('lobby', { created: 5 }, nobody);
  const before = (await keepLines(log, 2)).join('');
  const onDisk = () => readFileSync(join(path, 'rooms', 'lobby', 'log.ndjson'), 'utf8');
  return { path, directory, log, before, onDisk };
}

/** Writes `part` bytes of the next batch, then says that the disk is full. */
function fullAfter(part: number): (length: number) => number {
  let written = 0;
  return (length) => {
    if (written >= part) throw systemError('ENOSPC');
    const some = Math.min(length, part - written);
    written += some;
    return some;
  };
}

it('writes the rest of a write that came out short', async () => {
  const faults: Faults = {};
  const { log, before } = await roomWith(faults);
  faults.write = (length) => Math.ceil(length / 3);
  expect(await readAll(log)).toBe(before);
  const added = appendLines(log, 3).join('');
  expect(await readAll(log)).toBe(before + added);
});

it('keeps nothing of a batch that does not fit, wherever the disk was full, and goes on once there is room', async () => {
  const faults: Faults = {};
  const { log, before, onDisk } = await roomWith(faults);
  const batch = Buffer.from(line(3) + line(4));
  let expected = before;
  for (let part = 0; part < batch.length; part += 1) {
    faults.write = fullAfter(part);
    expect(() => log.append(batch, log.lastSeq + 2)).toThrow(AppendError);
    expect(log.appendedEnd).toBe(expected.length);
    expect(onDisk()).toBe(expected);
    if (part % 50 === 0) {
      faults.write = undefined;
      expected += appendLines(log, 1).join('');
    }
  }
  expect(await readAll(log)).toBe(expected);
});

it('opens the log again where a failed batch could not be cut off, and cuts it off then', async () => {
  const faults: Faults = {};
  const { log, before, onDisk } = await roomWith(faults);
  // The whole of line 3 is written, and half of line 4.
  faults.write = fullAfter(line(3).length + 20);
  faults.truncate = () => {
    throw systemError('EIO');
  };
  // Nobody may be told that it was refused: the next start could find line 3.
  expect(() => log.append(Buffer.from(line(3) + line(4)), 4)).toThrow(UncertainAppendError);
  expect(onDisk().length).toBeGreaterThan(before.length);
  // Neither half a batch nor a refused line is ever read, nor does anything follow it.
  faults.write = undefined;
  expect(() => log.append(Buffer.from(line(5)), 5)).toThrow(AppendError);
  await expect(readAll(log)).rejects.toThrow('EIO');
  faults.truncate = undefined;
  expect(await readAll(log)).toBe(before);
  const added = appendLines(log, 1).join('');
  expect(onDisk()).toBe(before + added);
});

it('cuts a refused batch off when the log is closed, at the latest', async () => {
  const faults: Faults = {};
  const { directory, log, before } = await roomWith(faults);
  faults.write = fullAfter(line(3).length + 20);
  faults.truncate = () => {
    throw systemError('EIO');
  };
  expect(() => log.append(Buffer.from(line(3) + line(4)), 4)).toThrow(AppendError);
  faults.truncate = undefined;
  await log.close();
  expect(await readAll(await directory.open('lobby', nobody))).toBe(before);
});

it('syncs no byte of a failed batch as a durable one', async () => {
  const faults: Faults = {};
  const { log } = await roomWith(faults, 'always');
  faults.write = fullAfter(10);
  expect(() => log.append(Buffer.from(line(3)), 3)).toThrow(AppendError);
  faults.write = undefined;
  const end = log.appendedEnd;
  await log.close();
  expect(log.durableEnd).toBe(end);
});

it('can be opened and read on a full disk, and marks the log before its next line', async () => {
  const path = temporaryFolder();
  const before = await opened(path);
  const lines = appendLines(await before.directory.create('lobby', { created: 5 }, nobody), 2).join('');
  await before.directory.close();
  let full = false;
  const { directory } = await opened(path, {
    fs: {
      ...nodeFileSystem,
      write: (fd, bytes, offset, length) => {
        if (full) throw systemError('ENOSPC');
        return nodeFileSystem.write(fd, bytes, offset, length);
      },
    },
  });
  full = true;
  const log = await directory.open('lobby', nobody);
  const mark = join(path, 'rooms', 'lobby', 'open');
  expect(existsSync(mark)).toBe(false);
  expect(await readAll(log)).toBe(lines);
  expect(() => log.append(Buffer.from(line(3)), 3)).toThrow(AppendError);
  full = false;
  const added = (await keepLines(log, 1)).join('');
  expect(existsSync(mark)).toBe(true);
  expect(await readAll(log)).toBe(lines + added);
});

it('can be read on a disk that is too full to keep a torn tail, which is cut off before the next line', async () => {
  const path = temporaryFolder();
  const before = await opened(path);
  const lines = appendLines(await before.directory.create('lobby', { created: 5 }, nobody), 2).join('');
  await before.directory.close();
  const folder = join(path, 'rooms', 'lobby');
  const torn = '{"type":"message","seq":3,"at":17';
  writeFileSync(join(folder, 'log.ndjson'), torn, { flag: 'a' });
  let full = true;
  const { directory, events } = await opened(path, {
    fs: {
      ...nodeFileSystem,
      write: (fd, bytes, offset, length) => {
        if (full) throw systemError('ENOSPC');
        return nodeFileSystem.write(fd, bytes, offset, length);
      },
    },
  });
  const log = await directory.open('lobby', nobody);
  expect([log.lastSeq, await readAll(log), events]).toEqual([2, lines, []]);
  expect(() => log.append(Buffer.from(line(3)), 3)).toThrow(AppendError);
  expect(readFileSync(join(folder, 'log.ndjson'), 'utf8')).toBe(lines + torn);
  full = false;
  const added = appendLines(log, 2).join('');
  expect(readFileSync(join(folder, 'log.ndjson'), 'utf8')).toBe(lines + added);
  expect(events).toMatchObject([{ kind: 'torn-tail', bytes: torn.length }]);
  const [event] = events;
  expect(readFileSync(event?.kind === 'torn-tail' ? event.keptIn : '', 'utf8')).toBe(torn);
});
