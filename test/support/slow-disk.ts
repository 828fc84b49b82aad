// The real command on a disk whose slowness and errors a test sets while it runs (slow-disk.js has what they are).

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { COMMAND, type ServerProcess, startServer } from './server-process.ts';

export interface DiskPlan {
  /** Milliseconds that each sync takes. */
  readonly latency: number;
  /** The system call whose next use on a room's files fails with EIO. */
  readonly failOnce?: string;
}

export class SlowDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'roomchat-slow-'));
  readonly data = join(this.folder, 'data');
  readonly #plan = join(this.folder, 'plan');

  set(plan: DiskPlan): void {
    writeFileSync(`${this.#plan}.set`, JSON.stringify(plan));
    renameSync(`${this.#plan}.set`, this.#plan);
  }

  async serve(sync: string): Promise<ServerProcess> {
    process.env.SLOW_DISK = this.#plan;
    try {
      return await startServer({
        data: this.data,
        args: ['--sync', sync],
        command: [process.execPath, '--import', resolve('test/support/slow-disk.js'), COMMAND, 'serve'],
      });
    } finally {
      delete process.env.SLOW_DISK;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
