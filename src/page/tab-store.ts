// Where a tab keeps its session with one room, so that a reload resumes. Where a browser keeps nothing, a reload joins anew.

import type { SessionStore } from '../client/index.ts';
import { attempt } from './storage.ts';

export function tabStore(path: string): SessionStore {
  const name = `roomchat ${path}`;
  return {
    read: () => attempt(() => sessionStorage.getItem(name)) ?? undefined,
    write: (saved) => {
      attempt(() => sessionStorage.setItem(name, saved));
    },
  };
}
