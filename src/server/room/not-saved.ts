// What the authors of lines that are not in the log are told, by what kept them out.

import { AppendError, DamagedError, FullError, lacksDescriptor, UncertainAppendError } from '../../log/index.ts';
import { ProtocolError } from '../../protocol/index.ts';
import type { Metrics } from '../reporting/metrics.ts';
import type { Entry } from './entry.ts';
import type { StorageRefusal } from './storage.ts';

/** What a disk that fails is given to recover, in seconds. */
const RETRY_AFTER_S = 10;

/** There is no room for more lines. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  readonly reason: StorageRefusal['reason'];

  constructor({ reason, message }: StorageRefusal) {
    super(message);
    this.reason = reason;
  }
}

/** Tells the authors, and whoever waits for a line; `warn` says on the console what nobody else has said there. */
export function tellLost(
  entries: readonly Entry[],
  error: Error,
  metrics: Metrics,
  warn: (message: string) => void,
): void {
  const count = entries.length;
  if (error instanceof UncertainAppendError) {
    warn(`it is not known what became of ${count} messages; their authors have to reconnect: ${error.message}`);
    for (const { author, settle } of entries) {
      author?.fail(error);
      settle?.(error);
    }
    return;
  }
  if (error instanceof NoRoomError) {
    refuse(entries, error.reason, error.message, metrics);
    return;
  }
  if (error instanceof FullError) {
    const message = 'There is no room for more messages: yours was not saved. Whoever runs the server can make room.';
    refuse(entries, 'data_size', message, metrics);
    return;
  }
  if (error instanceof DamagedError) {
    refuse(entries, 'failed', 'The room is damaged: your message was not saved.', metrics);
  } else if (error instanceof AppendError && lacksDescriptor(error)) {
    metrics.countNotSaved(count, 'no_descriptor');
    postpone(entries, 'The server has too many files open right now. Try again later.');
  } else if (error instanceof AppendError) {
    refuse(entries, 'failed', 'The server could not save your message. Try again later.', metrics, RETRY_AFTER_S);
  } else {
    throw error;
  }
  warn(`${count} messages were not saved: ${error.message}`);
}

function refuse(
  entries: readonly Entry[],
  reason: string,
  message: string,
  metrics: Metrics,
  retryAfter?: number,
): void {
  metrics.countNotSaved(entries.length, reason);
  for (const { author, ref, settle } of entries) {
    metrics.refused('not_saved');
    const error = new ProtocolError('not_saved', message, ref, retryAfter);
    author?.refuse(error);
    settle?.(error);
  }
}

/** For a reason that passes: the authors are sent away, to come back with what they said. */
function postpone(entries: readonly Entry[], message: string): void {
  const overloaded = new ProtocolError('overloaded', message);
  for (const { author, settle } of entries) {
    author?.output.fail(overloaded);
    settle?.(overloaded);
  }
}
