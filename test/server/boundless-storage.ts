// For tests of rooms that have nothing to do with the disk's bounds.

import type { FileLedgerOptions } from '../../src/server/room/file-ledger.ts';

export const boundless: FileLedgerOptions['storage'] = { refuses: () => undefined, appended: () => {} };
