// The keys that make whoever uses this browser an owner of rooms, one for each room. Where a browser keeps nothing, a key is
// one for this page alone.

import type { OwnerKeyStore } from '../client/index.ts';
import { attempt } from './storage.ts';

export function ownerKeyStore(path: string): OwnerKeyStore {
  const name = `roomchat owner ${path}`;
  return {
    read: () => attempt(() => localStorage.getItem(name)) ?? undefined,
    write: (key) => {
      attempt(() => localStorage.setItem(name, key));
    },
  };
}
