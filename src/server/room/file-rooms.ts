// The rooms in this server's own data directory.

import type {
  DataDirectory,
  KnownRoom,
  LedgerOwner,
  LineForMissing,
  NewRoom,
  OpenedRoom,
  Repaired,
  RepairPlan,
  RoomImporting,
  RoomLog,
  RoomLogListener,
  RoomStore,
} from '../../log/index.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { FileLedger } from './file-ledger.ts';
import type { Storage } from './storage.ts';

export interface FileRoomsOptions {
  readonly directory: Pick<DataDirectory, 'has' | 'open' | 'create' | 'deleteRoom' | 'roomNames' | 'upkeep'>;
  readonly metrics: Metrics;
  readonly storage: Pick<Storage, 'refuses' | 'appended'>;
}

export class FileRooms implements RoomStore {
  readonly isPartial = false;
  readonly #options: FileRoomsOptions;

  constructor(options: FileRoomsOptions) {
    this.#options = options;
  }

  has(room: string): boolean {
    return this.#options.directory.has(room);
  }

  known(): AsyncIterable<KnownRoom> {
    return this.#options.directory.roomNames();
  }

  open(room: string): Promise<OpenedRoom> {
    return this.#opened((listener) => this.#options.directory.open(room, listener));
  }

  create(room: string, made: NewRoom): Promise<OpenedRoom> {
    return this.#opened((listener) => this.#options.directory.create(room, made, listener));
  }

  delete(room: string): Promise<void> {
    return this.#options.directory.deleteRoom(room);
  }

  planRepair(room: string): Promise<RepairPlan> {
    return this.#options.directory.upkeep.plan(room);
  }

  repair(room: string, lineFor: LineForMissing): Promise<Repaired> {
    return this.#options.directory.upkeep.repair(room, lineFor);
  }

  importRoom(room: string, made: NewRoom): Promise<RoomImporting> {
    return this.#options.directory.upkeep.importRoom(room, made);
  }

  async #opened(open: (listener: RoomLogListener) => Promise<RoomLog>): Promise<OpenedRoom> {
    let begun: { ledger: FileLedger; owner: LedgerOwner } | undefined;
    const log = await open({
      durable: () => begun?.ledger.durable(),
      late: (isLate) => begun?.owner.late(isLate),
    });
    const { metrics, storage } = this.#options;
    return {
      log,
      ledger: (owner) => {
        const ledger = new FileLedger({ log, metrics, storage, owner });
        begun = { ledger, owner };
        return ledger;
      },
    };
  }
}
