// Which error of a command an admin is told, and how.

import { UncertainAppendError, UnservableError } from '../../log/index.ts';
import { ControlError, ProtocolError } from '../../protocol/index.ts';
import { RoomMissing } from '../room/room-missing.ts';

/** Undefined for what is the server's own fault. */
export function asControlError(ref: number, error: unknown): ControlError | undefined {
  if (error instanceof ControlError) return error;
  if (error instanceof UncertainAppendError) {
    return new ControlError(ref, 'failed', 'The disk failed: whether the room has it will show when it is read again.');
  }
  if (error instanceof UnservableError) return new ControlError(ref, 'failed', error.message);
  if (error instanceof RoomMissing) return new ControlError(ref, 'not_found', error.message);
  if (!(error instanceof ProtocolError)) return undefined;
  const { code, message } = error;
  if (code === 'too_long' || code === 'not_saved' || code === 'damaged') return new ControlError(ref, code, message);
  return new ControlError(ref, 'failed', message);
}
