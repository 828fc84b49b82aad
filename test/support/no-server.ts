// What a node of a cluster tells its server, and asks of it, where there is none.

import type { ClusterOptions } from '../../src/cluster/index.ts';
import type { LedgerOwner } from '../../src/log/index.ts';

export const NO_SERVER = {
  warn: () => {},
  refuses: () => undefined,
  appended: () => {},
  deleted: () => {},
  accessChanged: () => {},
  unservable: () => {},
  cutOff: () => {},
  asked: async () => {},
} satisfies Partial<ClusterOptions>;

/** A room that only hands lines over. */
export const NO_OWNER = {
  dropped: () => {},
  overtaken: () => {},
  late: () => {},
  grew: () => {},
} satisfies Partial<LedgerOwner>;
