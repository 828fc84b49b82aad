// The mark of a data directory whose rooms are copies of those of a cluster. A server of its own must never take them for its
// rooms: what was said elsewhere is not in them, nor are their passwords.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryError } from './errors.ts';

export const COPIES_MARK = 'copies';
export const COPIES_TEXT =
  'The rooms in this directory are copies of the rooms of a cluster: serve it with --nats, or remove it.\n';

export function hasCopies(path: string): boolean {
  return existsSync(join(path, COPIES_MARK));
}

/** Throws DataDirectoryError for a directory of copies. */
export function checkNoCopies(path: string): void {
  if (!hasCopies(path)) return;
  throw new DataDirectoryError(
    'copies',
    `The data directory ${path} holds copies of the rooms of a cluster: start with --nats.`,
  );
}
