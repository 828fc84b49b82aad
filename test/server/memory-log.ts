// A room's log in memory, by the interface that a room sees: it can refuse an append, and hold its durable end back as a
// log does that syncs before it tells.

import {
  AppendError,
  type Cursor,
  type LedgerOwner,
  type OpenedRoom,
  type RoomAccess,
  type RoomLog,
} from '../../src/log/index.ts';
import { Metrics } from '../../src/server/reporting/metrics.ts';
import { FileLedger } from '../../src/server/room/file-ledger.ts';
import { boundless } from './boundless-storage.ts';

export class MemoryLog implements RoomLog {
  readonly meta = { format: 1, name: 'lobby', epoch: 'e', created: 0 } as const;
  readonly access: RoomAccess = {
    meta: this.meta,
    isRevoked: () => false,
    revoke: () => Promise.resolve(true),
    changePassword: () => Promise.resolve(),
    changeRules: () => Promise.resolve(),
  };
  lastSeq = 0;
  durableEnd = 0;
  failing = false;
  /** Appends become durable only by sync(). */
  held = false;
  bytes = Buffer.alloc(0);
  appends = 0;

  #ledger: FileLedger | undefined;

  /** As a server's own log is opened. */
  opened(): OpenedRoom {
    return {
      log: this,
      ledger: (owner: LedgerOwner) => {
        this.#ledger = new FileLedger({ log: this, metrics: new Metrics(), storage: boundless, owner });
        return this.#ledger;
      },
    };
  }

  get appendedEnd(): number {
    return this.bytes.length;
  }

  append(bytes: Buffer, lastSeq: number): void {
    if (this.failing) throw new AppendError('no space left');
    this.appends++;
    this.bytes = Buffer.concat([this.bytes, bytes]);
    this.lastSeq = lastSeq;
    if (!this.held) this.durableEnd = this.bytes.length;
  }

  sync(): void {
    this.durableEnd = this.bytes.length;
    this.#ledger?.durable();
  }

  readSync(position: number, target: Buffer, offset: number): number {
    const most = Math.min(this.durableEnd, position + target.length - offset);
    const end = this.bytes.lastIndexOf('\n', most - 1) + 1;
    return end <= position ? 0 : this.bytes.copy(target, offset, position, end);
  }

  read(position: number, target: Buffer, offset: number): Promise<number> {
    return Promise.resolve(this.readSync(position, target, offset));
  }

  findAfter(): Cursor {
    return { position: 0, after: 0 };
  }

  findAt(position: number): Cursor {
    return { position: this.bytes.lastIndexOf('\n', position - 1) + 1, after: 0 };
  }

  findLast(): Promise<Cursor> {
    return Promise.resolve({ position: this.bytes.length, after: this.lastSeq });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
