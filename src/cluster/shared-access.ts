// Who may come into a room of the cluster: kept in the bucket of rooms, and the same at every node.

import type { PasswordHash, RoomAccess, RoomMeta, RoomRules } from '../log/index.ts';
import type { RoomsBucket } from './rooms-bucket.ts';

/** Ids that are kept as revoked: beyond it all keys are changed, so that none has to be kept. */
const MOST_REVOKED = 1_000;

export class SharedAccess implements RoomAccess {
  readonly #rooms: RoomsBucket;
  /** As it was when the room was opened: what it is once it is deleted. */
  readonly #opened: RoomMeta;

  constructor(rooms: RoomsBucket, opened: RoomMeta) {
    this.#rooms = rooms;
    this.#opened = opened;
  }

  get meta(): RoomMeta {
    const meta = this.#rooms.get(this.#opened.name);
    return meta?.epoch === this.#opened.epoch ? meta : this.#opened;
  }

  isRevoked(id: string): boolean {
    return this.meta.revoked?.includes(id) ?? false;
  }

  async revoke(id: string): Promise<boolean> {
    let isNew = false;
    await this.#change((meta) => {
      const revoked = meta.revoked ?? [];
      isNew = !revoked.includes(id);
      if (!isNew) return meta;
      if (revoked.length < MOST_REVOKED) return { ...meta, revoked: [...revoked, id] };
      return { ...meta, revoked: [id], keys: (meta.keys ?? 0) + 1 };
    });
    return isNew;
  }

  changePassword(password: PasswordHash | undefined): Promise<void> {
    return this.#change(({ password: _old, revoked: _dead, keys = 0, ...rest }) => ({
      ...rest,
      ...(password && { password }),
      keys: keys + 1,
    }));
  }

  changeRules(change: (rules: RoomRules) => RoomRules): Promise<void> {
    return this.#change((meta) => ({ ...meta, rules: change(meta.rules ?? {}) }));
  }

  async #change(change: (meta: RoomMeta) => RoomMeta): Promise<void> {
    const { name, epoch } = this.#opened;
    if (!(await this.#rooms.change(name, epoch, change))) {
      throw new Error(`The room ${JSON.stringify(name)} was deleted.`);
    }
  }
}
