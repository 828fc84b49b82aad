// The logs that are open, and those that still sync while they close: a room may be opened again meanwhile.
// Must never forget a log before its file is closed.
import type { FileLog } from './file-log.ts';

export class OpenLogs {
  readonly #byRoom = new Map<string, Set<FileLog>>();

  add(log: FileLog): void {
    const logs = this.#byRoom.get(log.meta.name);
    if (logs === undefined) this.#byRoom.set(log.meta.name, new Set([log]));
    else logs.add(log);
  }

  /** The room's log that is open and not closing. */
  get(room: string): FileLog | undefined {
    for (const log of this.#byRoom.get(room) ?? []) if (!log.closing) return log;
    return undefined;
  }

  /** Answers whether it was the last log on the room's file. */
  remove(log: FileLog): boolean {
    const logs = this.#byRoom.get(log.meta.name);
    logs?.delete(log);
    if (logs !== undefined && logs.size > 0) return false;
    this.#byRoom.delete(log.meta.name);
    return true;
  }

  /** Waits for the room's logs that are closing. */
  async settled(room: string): Promise<void> {
    const closing = [...(this.#byRoom.get(room) ?? [])].filter((log) => log.closing);
    await Promise.all(closing.map((log) => log.close()));
  }

  async closeAll(): Promise<void> {
    const all = [...this.#byRoom.values()].flatMap((logs) => [...logs]);
    await Promise.all(all.map((log) => log.close()));
  }
}
