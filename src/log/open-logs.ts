// The logs that are open, those that still sync while they close among them.
// Must never forget a log before its file is closed.
import type { FileLog } from './file-log.ts';

export class OpenLogs {
  readonly #byRoom = new Map<string, FileLog>();

  add(log: FileLog): void {
    this.#byRoom.set(log.meta.name, log);
  }

  /** The room's log that is open and not closing. */
  get(room: string): FileLog | undefined {
    const log = this.#byRoom.get(room);
    return log?.closing ? undefined : log;
  }

  remove(log: FileLog): void {
    this.#byRoom.delete(log.meta.name);
  }

  all(): Iterable<FileLog> {
    return this.#byRoom.values();
  }

  /** Waits for the room's log, where it is closing. */
  async settled(room: string): Promise<void> {
    const log = this.#byRoom.get(room);
    if (log?.closing) await log.close();
  }

  /** How many have lines that are not synced. */
  get unsynced(): number {
    return [...this.#byRoom.values()].filter((log) => !log.isSynced).length;
  }

  async closeAll(): Promise<void> {
    await Promise.all(Array.from(this.#byRoom.values(), (log) => log.close()));
  }
}
