// What whoever runs the server does with a room's log as a whole: check it, take its lines out, repair it, put one in.
// Must never touch a log that is open, but to read it up to where it is durable.
import { join } from 'node:path';
import type { Disk } from './files.ts';
import { folderName } from './folder-name.ts';
import { roomsPath } from './list-rooms.ts';
import { finishRepair, type LineForMissing, planRepair, type Repaired, type RepairPlan, repairLog } from './repair.ts';
import { RoomImport } from './room-import.ts';
import { type NewRoom, newRoomMeta } from './room-meta.ts';
import { soundLines } from './sound-lines.ts';
import { type Problem, type Verified, verifyRoom } from './verify.ts';

export type UpkeepOptions = {
  readonly path: string;
  readonly disk: Disk;
  /** Where the room's log ends, if it is open. */
  endOf(room: string): number | undefined;
  /** Runs `work` while nobody can open the room's log. Rejects where somebody has. */
  alone<T>(room: string, work: () => Promise<T>): Promise<T>;
  /** What was found damaged is not any more. */
  repaired(room: string): void;
};

export class Upkeep {
  readonly #options: UpkeepOptions;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Checks the whole log of a room, up to where it ends now. Rejects with the system's error. */
  verify(room: string, onProblem: (problem: Problem) => void): Promise<Verified> {
    this.#finish(room);
    return verifyRoom(this.#options.path, room, onProblem);
  }

  /** All that is whole of a log; see `soundLines`. */
  lines(room: string): AsyncGenerator<Buffer> {
    return soundLines(this.#finish(room), room, this.#options.endOf(room));
  }

  /** What `repair` would do. */
  plan(room: string): Promise<RepairPlan> {
    return planRepair(this.#finish(room), room, this.#options.endOf(room));
  }

  /** Repairs the log of a room that is not open; it can be opened again after that, whatever was found. */
  async repair(room: string, lineFor: LineForMissing): Promise<Repaired> {
    const { alone, disk, repaired } = this.#options;
    const done = await alone(room, () => repairLog(disk, this.#finish(room), room, lineFor));
    repaired(room);
    return done;
  }

  /** Begins to make a room of lines; nothing of it is to be seen until `RoomImport.finish`. */
  async importRoom(room: string, made: NewRoom): Promise<RoomImport> {
    const { path, disk, alone } = this.#options;
    const meta = newRoomMeta(room, made);
    return RoomImport.begin({ disk, directory: path, meta, place: this.#folder(room), alone });
  }

  #folder(room: string): string {
    return join(roomsPath(this.#options.path), folderName(room));
  }

  /** A repair that a crash has cut short is finished first. */
  #finish(room: string): string {
    const folder = this.#folder(room);
    if (this.#options.endOf(room) === undefined) finishRepair(this.#options.disk.fs, folder);
    return folder;
  }
}
