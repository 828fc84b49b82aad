import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/log/index.ts';
import { SyncQueue } from '../../src/log/sync-queue.ts';
import { systemError } from './failing-file-system.ts';

/** A queue whose syncs return when the test says so; `begun` has their descriptors, in the order in which they began. */
function heldQueue() {
  const begun: number[] = [];
  const held: { go: () => void; fail: (error: unknown) => void }[] = [];
  const sync = (fd: number) =>
    new Promise<void>((go, fail) => {
      begun.push(fd);
      held.push({ go, fail });
    });
  const queue = new SyncQueue({ ...nodeFileSystem, syncInBackground: sync, syncDataInBackground: sync });
  return { queue, begun, held };
}

/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('has two syncs under way at most, of whatever kind, and takes whoever has waited longest next', async () => {
  const { queue, begun, held } = heldQueue();
  const ended: number[] = [];
  const covers: number[] = [];
  for (let fd = 0; fd < 6; fd += 1) {
    const sync = fd % 2 === 0 ? queue.sync(fd) : queue.syncData(fd, () => covers.push(fd));
    void sync.then(() => ended.push(fd));
  }
  await settle();
  expect(begun).toEqual([0, 1]);
  expect(covers).toEqual([1]);
  held[1]?.go();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  // Who comes now is the last, though a place becomes free.
  void queue.sync(6);
  held[0]?.go();
  await settle();
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(ended).toEqual([1, 0]);
  for (let i = 2; i <= 6; i += 1) {
    held[i]?.go();
    await settle();
  }
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('hands its error to whoever wanted the sync, and goes on', async () => {
  const { queue, begun, held } = heldQueue();
  const first = queue.sync(0);
  const others = [queue.sync(1), queue.sync(2)];
  held[0]?.fail(systemError('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (const { go } of held) go();
  await Promise.all(others);
});

it('begins nothing more once it is abandoned, and tells nobody of what returns', async () => {
  const { queue, begun, held } = heldQueue();
  const settled: string[] = [];
  for (const fd of [0, 1, 2]) {
    void queue.sync(fd).then(
      () => settled.push('synced'),
      () => settled.push('failed'),
    );
  }
  queue.abandon();
  void queue.sync(3).then(() => settled.push('synced'));
  held[0]?.go();
  held[1]?.fail(systemError('EIO'));
  await settle();
  expect(begun).toEqual([0, 1]);
  expect(settled).toEqual([]);
});
