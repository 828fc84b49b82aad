// What may still be put on the disk: the bounds of a room's log, of all logs together, of the number of rooms, and the
// space that is left free for others. Looks at the disk in the background, once a second; never while a batch waits.

import type { DataDirectory, ReadableLog } from '../../log/index.ts';
import { bytesText, ProtocolError } from '../../protocol/index.ts';
import type { Clock } from '../common/clock.ts';
import { Episode } from '../common/episode.ts';
import type { ServerLimits } from '../common/limits.ts';
import type { EventSink } from '../reporting/events.ts';

const MIB = 1024 * 1024;
/** The space left free where the limits do not say: so many bytes, or this part of the disk where that is less. */
const MOST_FREE = 1024 * MIB;
const FREE_SHARE = 0.05;
/** A bound that was reached holds until there is so much room below it again, so that it is not reached at once. */
const MARGIN = MIB;
const MARGIN_SHARE = 1 / 16;

/** Why a batch may not be appended. */
export interface StorageRefusal {
  readonly reason: 'room_size' | 'data_size' | 'free_space';
  /** For its authors. */
  readonly message: string;
}

export interface StorageOptions {
  readonly directory: Pick<DataDirectory, 'usage' | 'space' | 'countRooms'>;
  readonly clock: Clock;
  readonly limits: Pick<ServerLimits, 'roomSize' | 'dataSize' | 'minFree' | 'storedRooms'>;
  readonly events: EventSink;
}

export class Storage {
  readonly #fullRooms = new WeakSet<ReadableLog>();
  readonly #full = new Episode((message) => this.#warn(message));
  readonly #short = new Episode((message) => this.#warn(message));
  readonly #crowded = new Episode((message) => this.#warn(message));
  readonly #unknown = new Episode((message) => this.#warn(message));
  /** Bytes that may be taken of the disk, as last seen, and what was appended since that look began. */
  #free = Number.POSITIVE_INFINITY;
  #floor = 0;
  #appendedSince = 0;
  #isLooking = false;
  readonly #options: StorageOptions;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** Rooms and bytes on the disk, and what is free of it, for the metrics. */
  get rooms(): number {
    return this.#options.directory.usage.rooms;
  }

  get bytes(): number {
    return this.#options.directory.usage.bytes;
  }

  get freeBytes(): number {
    return this.#free - this.#appendedSince;
  }

  /** Has a first look at the disk, and begins to count what is on it. */
  async start(): Promise<void> {
    this.#options.directory.countRooms();
    await this.look();
  }

  /** Looks how much is free. Called once a second; where the disk does not answer, the next look waits for that. */
  async look(): Promise<void> {
    const { limits, directory } = this.#options;
    const { dataSize, storedRooms } = limits;
    if (this.bytes <= dataSize - margin(dataSize))
      this.#full.end('all logs together are below --max-data again: messages are saved.');
    if (this.rooms < storedRooms) this.#crowded.end('new rooms are accepted again.');
    if (limits.minFree === 0 || this.#isLooking) return;
    this.#isLooking = true;
    const before = this.#appendedSince;
    try {
      const { free, size } = await directory.space();
      this.#free = free;
      this.#appendedSince -= before;
      this.#floor = limits.minFree ?? Math.min(MOST_FREE, size * FREE_SHARE);
      this.#unknown.end('the disk reports its free space again.');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#unknown.begin(`the disk does not report its free space: ${reason}`);
    }
    this.#isLooking = false;
    if (this.freeBytes < this.#floor) this.#runsShort();
    else if (this.freeBytes >= this.#floor + margin(this.#floor)) {
      this.#short.end(`${bytesText(this.freeBytes)} of the disk is free again: messages are saved.`);
    }
  }

  /** Why so many bytes may not be appended to this log, or undefined where they may. */
  refuses(log: ReadableLog, bytes: number): StorageRefusal | undefined {
    const { roomSize, dataSize } = this.#options.limits;
    if (roomSize > 0 && log.appendedEnd + bytes > roomSize) return this.#roomIsFull(log);
    if (dataSize > 0 && (this.#full.isOn || this.bytes + bytes > dataSize)) {
      this.#full.begin(
        `all logs together have reached --max-data, ${bytesText(dataSize)}: messages are refused until rooms are deleted.`,
      );
      const message = 'This server is full: your message was not saved. Whoever runs it can make room.';
      return { reason: 'data_size', message };
    }
    if (this.#short.isOn || this.freeBytes - bytes < this.#floor) {
      this.#runsShort();
      const message = "The server's disk is nearly full: your message was not saved. Try again later.";
      return { reason: 'free_space', message };
    }
    return undefined;
  }

  /** So many bytes were appended to this log. */
  appended({ meta, appendedEnd }: ReadableLog, bytes: number): void {
    this.#appendedSince += bytes;
    this.#options.directory.usage.appended(meta.name, bytes, appendedEnd);
  }

  /** Throws ProtocolError `overloaded` where no room may be added. */
  checkNewRoom(): void {
    const { storedRooms } = this.#options.limits;
    if (this.rooms >= storedRooms) {
      this.#crowded.begin(
        `there are ${storedRooms} rooms, as many as --max-stored-rooms allows: new rooms are refused.`,
      );
      throw new ProtocolError('overloaded', 'This server accepts no more new rooms. Join one that exists.');
    }
    if (this.#full.isOn || this.#short.isOn) {
      throw new ProtocolError('overloaded', 'The server has no space left for new rooms. Try again later.');
    }
  }

  #roomIsFull(log: ReadableLog): StorageRefusal {
    const most = bytesText(this.#options.limits.roomSize);
    if (!this.#fullRooms.has(log)) {
      this.#fullRooms.add(log);
      this.#warn(`the log has reached --max-room-size, ${most}: messages are refused.`, log.meta.name);
    }
    return {
      reason: 'room_size',
      message: `This room is full, it holds at most ${most}: your message was not saved. Go on in another room.`,
    };
  }

  #runsShort(): void {
    this.#short.begin(
      `less than ${bytesText(this.#floor)} of the disk is free (--min-free): messages are refused until there is more.`,
    );
  }

  #warn(message: string, room?: string): void {
    const at = this.#options.clock.now();
    this.#options.events({ event: 'warning', at, ...(room === undefined ? {} : { room }), message });
  }
}

function margin(bound: number): number {
  return Math.min(MARGIN, bound * MARGIN_SHARE);
}
