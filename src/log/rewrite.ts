// After a failed sync the system may hold bytes in memory that it takes for written, though the disk has others: it shows
// them to every reader, and the next sync succeeds. Only writing them once more brings them to the disk, or the error back.
// Must never change a byte of the log, nor be run on a log that somebody appends to.
import { O_NOFOLLOW, O_RDWR } from './file-system.ts';
import type { Disk } from './files.ts';

const CHUNK_BYTES = 64 * 1024;
/** With more than this to write, the system could make the next write wait for the disk. */
const MOST_UNSYNCED_BYTES = 8 * 1024 * 1024;

/** Writes the bytes of a file from `from` to `to` over themselves, and syncs them. */
export async function writeAnew({ fs, syncs }: Disk, path: string, from: number, to: number): Promise<void> {
  const fd = fs.open(path, O_RDWR | O_NOFOLLOW);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let synced = from;
    for (let at = from; at < to; ) {
      const count = await fs.readInBackground(fd, chunk, 0, Math.min(CHUNK_BYTES, to - at), at);
      if (count === 0) break;
      at += fs.writeAt(fd, chunk, 0, count, at);
      if (at - synced < MOST_UNSYNCED_BYTES) continue;
      await syncs.sync(fd);
      synced = at;
    }
    await syncs.sync(fd);
  } finally {
    fs.close(fd);
  }
}
