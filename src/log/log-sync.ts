// The syncs of one log: its mark, its group commit, and how far its lines are safe to be told.
// Must never let the durable end pass a byte that a power loss could take back unnoticed, nor sync again after a failure.
import type { SharedDescriptor } from './descriptor.ts';
import type { Disk } from './files.ts';
import type { OpenedLog, SyncMode } from './open-log.ts';
import type { OpenMark } from './open-mark.ts';
import type { Report } from './report.ts';
import type { RoomLogListener } from './room-log.ts';
import { isLoss } from './sync-queue.ts';
import type { UnsyncedLog, UnsyncedLogs } from './unsynced-logs.ts';

/** What the syncs of all logs have in common. */
export interface SyncKeeper {
  readonly disk: Disk;
  readonly sync: SyncMode;
  readonly unsynced: UnsyncedLogs;
  readonly report: Report;
  syncFailed(error: unknown): void;
}

export interface LogSyncOptions {
  readonly room: string;
  readonly log: OpenedLog;
  readonly keeper: SyncKeeper;
  readonly listener: RoomLogListener;
  /** The open file, opened again where it was let go. Throws what the system says. */
  file(): SharedDescriptor;
  /** The log is synced up to here. */
  synced(end: number): void;
}

export class LogSync implements UnsyncedLog {
  readonly #options: LogSyncOptions;
  readonly #keeper: SyncKeeper;
  readonly #mark: OpenMark;
  #appendedEnd: number;
  #durableEnd: number;
  #syncedEnd: number;
  #unsyncedSince: number | undefined;
  #syncing: Promise<void> | undefined;
  #marking: Promise<void> | undefined;
  #markFailed = false;
  #isLate = false;
  #isClosing = false;
  #hasFailed = false;

  constructor(options: LogSyncOptions) {
    const { log, keeper } = options;
    this.#options = options;
    this.#keeper = keeper;
    this.#mark = log.mark;
    this.#appendedEnd = log.end;
    this.#durableEnd = log.end;
    // Lines that a killed server left unsynced are synced before the mark goes.
    this.#syncedEnd = log.synced || keeper.sync === 'off' ? log.end : 0;
  }

  get durableEnd(): number {
    return this.#durableEnd;
  }

  get syncedEnd(): number {
    return this.#syncedEnd;
  }

  get unsyncedSince(): number | undefined {
    return this.#unsyncedSince;
  }

  get isSyncing(): boolean {
    return this.#syncing !== undefined;
  }

  get isSynced(): boolean {
    return this.#syncedEnd === this.#appendedEnd;
  }

  /** A sync has failed: nothing may be appended any more. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /**
   * To be called before an append. The mark becomes durable in the background, and what is appended meanwhile waits for it:
   * nobody may see a line whose number a power loss could give once more. With `off` it may do what it likes. Throws where
   * the mark cannot be written: then nothing may be appended.
   */
  beginMarking(): void {
    if (this.#mark.isDurable || this.#marking !== undefined || this.#keeper.sync === 'off') return;
    this.#marking = this.#finishMarking(this.#mark.makeDurable());
  }

  /** Lines were appended; the log ends here now. */
  appended(end: number): void {
    this.#appendedEnd = end;
    const { sync, unsynced } = this.#keeper;
    if (sync === 'off') {
      this.#durableEnd = end;
      this.#syncedEnd = end;
      return;
    }
    if (this.#unsyncedSince === undefined) {
      this.#unsyncedSince = performance.now();
      unsynced.add(this);
    }
    if (sync === 'interval') {
      if (this.#mark.isDurable) this.#durableEnd = end;
    } else if (this.#syncing === undefined) {
      this.#commit().catch((error) => this.#reportBug(error));
    }
  }

  syncOnce(): Promise<void> {
    this.#syncing ??= this.#markAndSync().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  becomeLate(): void {
    if (this.#isLate) return;
    this.#isLate = true;
    this.#tell(() => this.#options.listener.late(true));
  }

  /** Syncs what there is, and needs no mark for it: once the lines are on the disk, none can be lost. Never rejects. */
  async syncRest(): Promise<void> {
    this.#isClosing = true;
    this.#keeper.unsynced.remove(this);
    await this.#marking;
    await this.#syncing;
    await this.#commit();
  }

  /** Takes the mark away after the last sync. One that cannot be removed stays, and the next opening secures it. */
  clearMark(lastLine: number): void {
    if (!this.isSynced) return;
    try {
      this.#mark.clear(lastLine);
    } catch (error) {
      this.#reportMark('remove', error);
    }
  }

  /** Group commit: each sync covers all that was appended before it began. Where one fails, the next round tries again. */
  async #commit(): Promise<void> {
    for (let synced = -1; !this.isSynced && this.#syncedEnd > synced; ) {
      synced = this.#syncedEnd;
      await this.syncOnce();
    }
  }

  async #markAndSync(): Promise<void> {
    if (!this.#mark.isDurable && !this.#isClosing) {
      try {
        this.beginMarking();
      } catch (error) {
        this.#reportMark('make', error);
      }
      await this.#marking;
      if (!this.#mark.isDurable) return;
    }
    await this.#sync();
  }

  async #sync(): Promise<void> {
    if (this.#hasFailed || this.isSynced) return;
    const file = this.#file();
    if (file === undefined) return;
    let covers = 0;
    let began = 0;
    const begins = () => {
      covers = this.#appendedEnd;
      began = performance.now();
    };
    try {
      await file.use((fd) => this.#keeper.disk.syncs.syncData(fd, begins));
    } catch (error) {
      // The kernel may have dropped the pages that it could not write: a second sync would then wrongly succeed.
      this.#noteDoubt();
      this.#stop(error);
      return;
    }
    this.#syncedEnd = covers;
    this.#options.synced(covers);
    this.#unsyncedSince = this.isSynced ? undefined : began;
    if (this.isSynced) this.#keeper.unsynced.remove(this);
    this.#moveDurableEnd(covers);
    if (!this.#isLate) return;
    this.#isLate = false;
    this.#tell(() => this.#options.listener.late(false));
  }

  /** What was appended before a failure is still to be synced, where the file can be opened again. */
  #file(): SharedDescriptor | undefined {
    try {
      return this.#options.file();
    } catch {
      return undefined;
    }
  }

  async #finishMarking(made: Promise<void>): Promise<void> {
    try {
      await made;
      this.#markFailed = false;
      if (this.#keeper.sync === 'interval') this.#moveDurableEnd(this.#appendedEnd);
    } catch (error) {
      if (isLoss(error)) this.#stop(error);
      else this.#reportMark('make', error);
    } finally {
      this.#marking = undefined;
    }
  }

  #moveDurableEnd(end: number): void {
    if (end <= this.#durableEnd) return;
    this.#durableEnd = end;
    this.#tell(() => this.#options.listener.durable());
  }

  #noteDoubt(): void {
    try {
      this.#mark.noteDoubt(this.#syncedEnd);
    } catch {
      // The disk takes nothing any more: the next server has to do without.
    }
  }

  #stop(error: unknown): void {
    this.#hasFailed = true;
    this.#keeper.syncFailed(error);
  }

  #tell(news: () => void): void {
    try {
      news();
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #reportBug(error: unknown): void {
    this.#keeper.report({ kind: 'bug', room: this.#options.room, error });
  }

  /** Once, not at every try. */
  #reportMark(why: 'make' | 'remove', error: unknown): void {
    if (this.#markFailed) return;
    this.#markFailed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#keeper.report({ kind: 'mark-failed', room: this.#options.room, why, reason });
  }
}
