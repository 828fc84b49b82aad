// The server speaks by itself: to a room, or to one client alone.

import { encodeLine, exceedsBytes, MAX_LOG_LINE_BYTES, MAX_TEXT_BYTES, ProtocolError } from '../../protocol/index.ts';
import { RoomMissing } from '../room/room-missing.ts';
import type { Session } from '../session/session.ts';
import type { AdminContext } from './admin-context.ts';

/** A notice to a room that exists; its seq once it is durable. Rejects with ProtocolError, RoomMissing. */
export async function broadcast({ rooms }: AdminContext, roomName: string, text: string): Promise<number> {
  checkText(text);
  const room = await rooms.hold(roomName);
  if (room === undefined) throw new RoomMissing(roomName);
  try {
    return await room.notice(text);
  } finally {
    rooms.release(room);
  }
}

/** A line for one client alone. False where that client's output is over its limit. Throws ProtocolError. */
export function direct({ clock, emit }: AdminContext, session: Session, text: string): boolean {
  checkText(text);
  if (session.isOverLimit || session.state.kind !== 'joined') return false;
  const at = clock.now();
  const { room, member } = session.state;
  const line = encodeLine({ type: 'direct', at, text });
  checkLine(line);
  session.send(line);
  emit({ event: 'direct', at, room: room.name, id: member.id, nick: member.nick, text });
  return true;
}

/** Escapes can make a text of 16 KiB six times as long. */
function checkLine(line: string): void {
  if (exceedsBytes(line, MAX_LOG_LINE_BYTES)) {
    throw new ProtocolError('too_long', `A text has at most ${MAX_LOG_LINE_BYTES} bytes as a line of the protocol.`);
  }
}

function checkText(text: string): void {
  if (exceedsBytes(text, MAX_TEXT_BYTES)) {
    throw new ProtocolError('too_long', `A text has at most ${MAX_TEXT_BYTES} bytes.`);
  }
}
