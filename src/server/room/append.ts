// Appends a batch to its room's log, or tells its authors why it is not there. Never throws for what a disk does.

import { AppendError, DamagedError, lacksDescriptor, type RoomLog, UncertainAppendError } from '../../log/index.ts';
import { FRAME_HEADROOM } from '../../websocket/index.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { type Entry, postponeEntries, refuseEntries } from './batch.ts';
import type { Storage } from './storage.ts';

export interface AppendOptions {
  readonly log: RoomLog;
  readonly metrics: Metrics;
  readonly storage: Pick<Storage, 'refuses' | 'appended'>;
  /** Nobody has seen the numbers of these: they are given anew. Called before their authors are told. */
  readonly onLost: (entries: readonly Entry[]) => void;
  readonly warn: (message: string) => void;
}

/** `buffer`: the lines behind the room for a frame's header; `lastSeq`: of the last line. Whether they are in the log. */
export function appendBatch(
  { log, metrics, storage, onLost, warn }: AppendOptions,
  entries: readonly Entry[],
  buffer: Buffer,
  lastSeq: number,
): boolean {
  const refuse = (reason: string, message: string): false => {
    onLost(entries);
    metrics.countNotSaved(entries.length, reason);
    refuseEntries(entries, message, metrics);
    return false;
  };
  const bytes = buffer.length - FRAME_HEADROOM;
  const refusal = storage.refuses(log, bytes);
  if (refusal !== undefined) return refuse(refusal.reason, refusal.message);
  try {
    const began = performance.now();
    log.append(buffer.subarray(FRAME_HEADROOM), lastSeq);
    metrics.appendSeconds.observe((performance.now() - began) / 1000);
    metrics.messages += entries.length;
    metrics.appendedBytes += bytes;
    storage.appended(log, bytes);
    return true;
  } catch (error) {
    const count = entries.length;
    if (error instanceof UncertainAppendError) {
      warn(`it is not known what became of ${count} messages; their authors have to reconnect: ${error.message}`);
      onLost(entries);
      for (const { author, settle } of entries) {
        author?.fail(error);
        settle?.(error);
      }
      return false;
    }
    if (error instanceof DamagedError) {
      refuse('failed', 'The room is damaged: your message was not saved.');
    } else if (error instanceof AppendError && lacksDescriptor(error)) {
      onLost(entries);
      metrics.countNotSaved(count, 'no_descriptor');
      postponeEntries(entries, 'The server has too many files open right now. Try again later.');
    } else if (error instanceof AppendError) {
      refuse('failed', 'The server could not save your message. Try again later.');
    } else {
      throw error;
    }
    warn(`${count} messages were not saved: ${error.message}`);
    return false;
  }
}
