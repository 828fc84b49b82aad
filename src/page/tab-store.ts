// Where a tab keeps its session with one room, and what is being written there, so that a reload resumes. Where a browser
// keeps nothing, a reload joins anew.

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

export function draftOf(path: string): string {
  return attempt(() => sessionStorage.getItem(`roomchat draft ${path}`)) ?? '';
}

export function keepDraft(path: string, text: string): void {
  attempt(() => {
    if (text === '') sessionStorage.removeItem(`roomchat draft ${path}`);
    else sessionStorage.setItem(`roomchat draft ${path}`, text);
  });
}
