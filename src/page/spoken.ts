// A new item in a few words, for who listens instead of looking; of a long text its beginning.

import type { Item } from './transcript.ts';

const MOST_CHARACTERS = 1000;

/** Undefined for what is not said aloud. */
export function spoken(item: Item | undefined): string | undefined {
  switch (item?.kind) {
    case 'message':
      return `${item.line.nick}: ${beginning(item.line.text)}`;
    case 'server':
      return `${item.toMe ? 'The server, to you alone' : 'The server'}: ${beginning(item.text)}`;
    default:
      return undefined;
  }
}

function beginning(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
