// Makes a room of the lines that another log was exported as: beside the rooms, and in one step among them at the end.
// Must never show a room that is not whole, nor take a line that a reader of the log would refuse.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ImportError, systemCode } from './errors.ts';
import { type Disk, syncFolderInBackground } from './files.ts';
import { LineWriter } from './line-writer.ts';
import { logPath } from './open-log.ts';
import { type RoomMeta, writeRoomMeta } from './room-meta.ts';
import { seqOfSoundLine } from './sound-line.ts';
import { sumsPath } from './sums-file.ts';

/** Rooms on their way in; what a crash leaves there goes at the next start. */
export function importsPath(directory: string): string {
  return join(directory, 'imports');
}

/** A room that is being made of lines. */
export interface RoomImporting {
  /** The next line, without its newline. Rejects with ImportError where it is none of a log. */
  add(line: Buffer): Promise<void>;
  /** Makes the room. Rejects with ImportError where there is one by now. */
  finish(): Promise<Imported>;
  /** Leaves nothing of it. To be called after a failed `finish` too. */
  abort(): Promise<void>;
}

export type Imported = { readonly lines: number; readonly bytes: number; readonly lastSeq: number };

export type RoomImportOptions = {
  readonly disk: Disk;
  readonly directory: string;
  readonly meta: RoomMeta;
  /** The room's folder, which is not there yet. */
  readonly place: string;
  /** Runs `work` while nobody can make the room. */
  alone<T>(room: string, work: () => Promise<T>): Promise<T>;
};

export class RoomImport implements RoomImporting {
  readonly #options: RoomImportOptions;
  readonly #folder: string;
  readonly #writer: LineWriter;
  #lines = 0;
  #lastSeq = 0;

  private constructor(options: RoomImportOptions, folder: string, writer: LineWriter) {
    this.#options = options;
    this.#folder = folder;
    this.#writer = writer;
  }

  static async begin(options: RoomImportOptions): Promise<RoomImport> {
    const folder = join(importsPath(options.directory), randomUUID());
    options.disk.fs.makeDirectory(folder);
    return new RoomImport(options, folder, await LineWriter.open(logPath(folder)));
  }

  get meta(): RoomMeta {
    return this.#options.meta;
  }

  /** Where its log lies until the room is in its place. */
  get logPath(): string {
    return logPath(this.#folder);
  }

  async add(line: Buffer): Promise<void> {
    this.#lines += 1;
    const seq = seqOfSoundLine(line);
    if (typeof seq === 'string') throw new ImportError(`Line ${this.#lines} is not one of a log: ${seq}.`);
    if (seq <= this.#lastSeq) {
      throw new ImportError(`Line ${this.#lines} has the number ${seq}, which does not rise above ${this.#lastSeq}.`);
    }
    this.#lastSeq = seq;
    await this.#writer.add(Buffer.concat([line, Buffer.from('\n')]));
  }

  async finish(): Promise<Imported> {
    const { meta, alone } = this.#options;
    const imported = await this.seal();
    await alone(meta.name, () => this.#appear());
    return imported;
  }

  /** Takes no more lines: what there is of the room is on the disk, and not in its place. */
  async seal(): Promise<Imported> {
    const { disk, meta } = this.#options;
    await writeRoomMeta(disk, this.#folder, meta);
    await this.#writer.finish(disk, sumsPath(this.#folder), meta.name);
    await this.#writer.close();
    await syncFolderInBackground(disk, this.#folder);
    return { lines: this.#lines, bytes: this.#writer.length, lastSeq: this.#lastSeq };
  }

  async abort(): Promise<void> {
    await this.#writer.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #appear(): Promise<void> {
    const { disk, meta, place } = this.#options;
    try {
      // A folder with anything in it stays: so does whatever room there is.
      disk.fs.rename(this.#folder, place);
    } catch (error) {
      const code = systemCode(error);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      throw new ImportError(`The room ${meta.name} already exists.`);
    }
    await syncFolderInBackground(disk, dirname(place));
  }
}
