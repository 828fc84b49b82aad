// Where the parts of a room stand in the document. Knows nothing of what they do.

import type { ComposerParts } from './composer.ts';
import type { DrawerParts } from './drawer.ts';
import { byId } from './elements.ts';
import type { SearchParts } from './search.ts';
import type { StandingParts } from './standing.ts';

export function standingParts(): StandingParts {
  return {
    bar: byId('standing', HTMLElement),
    words: byId('standing-words', HTMLElement),
    button: byId('standing-button', HTMLButtonElement),
  };
}

export function composerParts(): ComposerParts {
  return {
    form: byId('composer', HTMLFormElement),
    field: byId('text', HTMLTextAreaElement),
    button: byId('send', HTMLButtonElement),
    hint: byId('hint', HTMLElement),
  };
}

export function searchParts(): SearchParts {
  return {
    opener: byId('search-opener', HTMLElement),
    form: byId('search', HTMLFormElement),
    field: byId('search-words', HTMLInputElement),
    count: byId('search-count', HTMLElement),
    newer: byId('search-newer', HTMLElement),
    closer: byId('search-closer', HTMLElement),
  };
}

export function drawerParts(): DrawerParts {
  return {
    panel: byId('people', HTMLElement),
    opener: byId('people-opener', HTMLElement),
    closer: byId('people-closer', HTMLElement),
    shade: byId('shade', HTMLElement),
    behind: [byId('bar', HTMLElement), byId('conversation', HTMLElement)],
  };
}
