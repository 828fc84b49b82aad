// The record of the control path: which command came, from where, and what became of it. It must never hold the token,
// another secret, or what a command says: `notice` and `direct` tell that.

import type { ControlCommand } from '../../protocol/index.ts';
import type { ServerEvent } from '../reporting/events.ts';

/** Beyond any id: whatever an admin sent for one, the record of it is a short line. */
const MOST_ID_UNITS = 64;

/** `command` is undefined for a line that is not one; `error` is the code that was answered. */
export function controlEvent(
  at: number,
  address: string,
  command: ControlCommand | undefined,
  error: string | undefined,
): ServerEvent {
  return {
    event: 'control',
    at,
    address,
    command: command?.type ?? 'invalid',
    ...(command !== undefined && 'room' in command && command.room !== undefined && { room: command.room }),
    ...(command !== undefined && 'id' in command && { id: command.id.slice(0, MOST_ID_UNITS) }),
    ...(command !== undefined && 'target' in command && { target: command.target }),
    ...(error !== undefined && { error }),
  };
}
