// What somebody said as elements: links, code and bold are shown as such, all else is text. Never makes markup of what was
// written: each element is made here, and gets its text as text.

import { markup, type Span, splitAtMentions } from '../view/index.ts';
import { element, textOf } from './elements.ts';
import { linkTo } from './link-element.ts';
import { shown } from './marks.ts';
import { MOST_CHARACTERS, partsOf } from './parts.ts';

/** From here on a text may be higher than its style allows, on a small screen. */
const LONG_CHARACTERS = 400;
const LONG_LINES = 10;

/** A whole text, no higher than its style allows; `mentioned` is the nick to be marked in it. */
export function saidOf(text: string, mentioned?: string): HTMLElement {
  const said = element('p', 'text');
  said.dir = 'auto';
  const blocks = blocksOf(markup(shown(text)), mentioned);
  const [first] = blocks;
  if (blocks.length === 1 && first?.className === 'part') said.append(...first.childNodes);
  else said.append(...blocks);
  // What may have to be scrolled has to be reached by keyboard, WCAG 2.1.1.
  if (text.length > LONG_CHARACTERS || text.split('\n', LONG_LINES).length === LONG_LINES) said.tabIndex = 0;
  return said;
}

/** Each fence by itself, and what stands between them in parts that a browser lays out one by one. */
function blocksOf(spans: readonly Span[], mentioned: string | undefined): HTMLElement[] {
  const blocks: HTMLElement[] = [];
  let block: HTMLElement | undefined;
  let length = 0;
  for (const { kind, text } of spans) {
    if (kind === 'fence') {
      blocks.push(inParts(element('code', 'fence'), text));
      block = undefined;
      continue;
    }
    // An address is never cut: a part of it leads somewhere else.
    for (const part of kind === 'link' ? [text] : partsOf(text)) {
      if (block === undefined || length + part.length > MOST_CHARACTERS) {
        block = element('span', 'part');
        blocks.push(block);
        length = 0;
      }
      block.append(...inlineOf(kind, part, mentioned));
      length += part.length;
    }
  }
  return blocks;
}

function inlineOf(kind: Span['kind'], text: string, nick: string | undefined): (string | Node)[] {
  switch (kind) {
    case 'link':
      return [inParts(linkTo(text), text)];
    case 'code':
      return [textOf('code', text)];
    case 'bold': {
      const strong = element('strong');
      strong.append(...withMentions(text, nick));
      return [strong];
    }
    default:
      return withMentions(text, nick);
  }
}

function inParts<E extends HTMLElement>(made: E, text: string): E {
  const parts = partsOf(text);
  // In front of what it may hold already: where a link leads.
  if (parts.length === 1) made.prepend(text);
  else made.prepend(...parts.map((part) => textOf('span', part, 'part')));
  return made;
}

function withMentions(text: string, nick: string | undefined): (string | Node)[] {
  if (nick === undefined) return [text];
  return splitAtMentions(text, nick).map((piece) => (piece.mention ? textOf('mark', piece.text) : piece.text));
}
