// The lines of a log that an admin sends to make a room of: takes them one after the other, and says at the end what came
// of them. Must never stop in the middle: what was sent behind a bad line is on its way, and is not a command.

import type { Imported, RoomImporting } from '../../log/index.ts';

export class AdminImport {
  #failure: unknown;
  readonly #room: RoomImporting;

  constructor(room: RoomImporting) {
    this.#room = room;
  }

  static isOver(line: string): boolean {
    return line.startsWith('{"type":"imported"');
  }

  /** A line without its newline. Never rejects. */
  async take(line: string): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await this.#room.add(Buffer.from(line));
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Makes the room. Rejects with ImportError, and the system's error; nothing is left of it then. */
  async end(): Promise<Imported> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      return await this.#room.finish();
    } catch (error) {
      await this.#room.abort();
      throw error;
    }
  }

  /** The admin has left: nothing comes of it. */
  abort(): Promise<void> {
    return this.#room.abort();
  }
}
