// What the commands of the control path have in common: their types, how they find rooms, and lists as answers.

import { type ControlCommand, ControlError, MAX_FRAME_BYTES } from '../protocol/index.ts';
import type { AdminSession } from './admin-session.ts';
import type { ChatServer } from './chat-server.ts';

type ByType = { [C in ControlCommand as C['type']]: C };
export type ControlCommandType = keyof ByType;
export type OfType<T extends ControlCommandType> = { [P in T]: ByType[P] & { readonly type: P } }[T];

/** A function a command. It rejects with ControlError, ProtocolError or RoomMissing where it cannot be done. */
export type CommandTable<Types extends ControlCommandType> = {
  readonly [T in Types]: (server: ChatServer, admin: AdminSession, command: OfType<T>) => Promise<void> | void;
};

/**
 * A list as the answer to a command. It goes out in `done`; where it is longer than a frame, the front of it in `part`
 * lines before, so that nothing is piled up.
 */
export class Listing {
  private entries: unknown[] = [];
  private bytes = 0;

  constructor(
    private readonly admin: AdminSession,
    private readonly ref: number,
    private readonly field: string,
  ) {}

  async add(entry: unknown): Promise<void> {
    this.entries.push(entry);
    this.bytes += JSON.stringify(entry).length * 2;
    if (this.bytes < MAX_FRAME_BYTES / 2) return;
    this.admin.send(`${JSON.stringify({ type: 'part', ref: this.ref, [this.field]: this.entries })}\n`);
    this.entries = [];
    this.bytes = 0;
    await this.admin.hasDrained();
  }

  end(): void {
    this.admin.answer(this.ref, { [this.field]: this.entries });
  }
}

export function existing(server: ChatServer, ref: number, room: string): string {
  if (!server.rooms.exists(room)) throw missing(ref, room);
  return room;
}

export function missing(ref: number, room: string): ControlError {
  return new ControlError(ref, 'not_found', `The room ${room} does not exist yet.`);
}
