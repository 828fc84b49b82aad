// For tests of rooms that have nothing to do with the disk's bounds.

import type { RoomOptions } from '../../src/server/room/room.ts';

export const boundless: RoomOptions['storage'] = { refuses: () => undefined, appended: () => {} };
