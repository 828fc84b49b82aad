// Writes a log that nobody has open yet, line by line, and its sums behind it.
// Must never be used on a log that is open: an append knows nothing of it.
import { type FileHandle, open } from 'node:fs/promises';
import { nodeFileSystem } from './file-system.ts';
import type { Disk } from './files.ts';
import { Sums } from './sums.ts';

const WRITTEN_AT_ONCE = 64 * 1024;

export class LineWriter {
  readonly #file: FileHandle;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #length = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes the file, which must not be there. */
  static async open(path: string): Promise<LineWriter> {
    return new LineWriter(await open(path, 'wx+', 0o600));
  }

  /** Bytes of all lines so far. */
  get length(): number {
    return this.#length + this.#waitingBytes;
  }

  async add(line: Buffer): Promise<void> {
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#waitingBytes >= WRITTEN_AT_ONCE) await this.#flush();
  }

  /** Writes what is left, and the sums of all of it, and syncs the log. */
  async finish(disk: Disk, sumsPath: string, room: string): Promise<void> {
    await this.#flush();
    const sums = new Sums(nodeFileSystem, sumsPath, room, 'write', () => {});
    const read = async (target: Buffer, position: number) => {
      await this.#file.read(target, 0, target.length, position);
    };
    while (await sums.extend(read, this.#length, true));
    await disk.syncs.sync(this.#file.fd);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#file.appendFile(bytes);
    this.#length += bytes.length;
  }
}
