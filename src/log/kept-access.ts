// Who may come into a room: its password, and whose resume keys do not count any more; and its rules. Kept in the room's room.json.
// Must never forget who was shut out while a key of theirs could still fit.
import type { Disk } from './files.ts';
import { KeptFile } from './kept-file.ts';
import type { RoomAccess } from './room-log.ts';
import { encodeRoomMeta, type PasswordHash, type RoomMeta, roomMetaPath } from './room-meta.ts';
import type { RoomRules } from './room-rules.ts';

/** Ids that are kept as revoked: room.json is read whole. Beyond it all keys are changed, so that none has to be kept. */
const MOST_REVOKED = 1000;

export class KeptAccess implements RoomAccess {
  #meta: RoomMeta;
  readonly #revoked: Set<string>;
  readonly #file: KeptFile;
  /** Whether the last change is known to be on the disk. */
  #saved = true;
  #closed = false;

  constructor(disk: Disk, folder: string, meta: RoomMeta, syncFailed: (error: unknown) => void) {
    this.#meta = meta;
    this.#revoked = new Set(meta.revoked);
    const content = () => encodeRoomMeta(this.#meta);
    this.#file = new KeptFile({ disk, path: roomMetaPath(folder), content, syncFailed });
  }

  get meta(): RoomMeta {
    return this.#meta;
  }

  isRevoked(id: string): boolean {
    return this.#revoked.has(id);
  }

  async revoke(id: string): Promise<boolean> {
    if (this.#revoked.has(id) && this.#saved) return false;
    const { keys = 0 } = this.#meta;
    const isFull = this.#revoked.size >= MOST_REVOKED;
    // What no key can be had for any more needs no entry.
    if (isFull) this.#revoked.clear();
    this.#revoked.add(id);
    await this.#change({ ...this.#meta, revoked: [...this.#revoked], ...(isFull && { keys: keys + 1 }) });
    return true;
  }

  async changePassword(password: PasswordHash | undefined): Promise<void> {
    const { password: _old, revoked: _dead, keys = 0, ...rest } = this.#meta;
    this.#revoked.clear();
    await this.#change({ ...rest, ...(password && { password }), keys: keys + 1 });
  }

  changeRules(change: (rules: RoomRules) => RoomRules): Promise<void> {
    return this.#change({ ...this.#meta, rules: change(this.#meta.rules ?? {}) });
  }

  /** Takes no more changes; resolves when those that were made are written. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#file.settled();
  }

  async #change(meta: RoomMeta): Promise<void> {
    // The folder may belong to another room of this name by now.
    if (this.#closed) throw new Error(`The room ${JSON.stringify(meta.name)} is closed.`);
    this.#meta = meta;
    this.#saved = false;
    await this.#file.save();
    if (this.#meta === meta) this.#saved = true;
  }
}
