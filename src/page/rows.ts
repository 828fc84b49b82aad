// The list's rows: an item as an element. What somebody wrote becomes text and never markup, and the marks on its letters
// are bounded here, once.

import { actionOf, listed, type Move, splitAtMentions, timeOfDay } from '../view/index.ts';
import { element, textOf } from './elements.ts';
import { shown, shownNick } from './marks.ts';
import { nickElement } from './nick-element.ts';
import { partsOf } from './parts.ts';
import type { Item, MessageItem, ServerItem } from './transcript.ts';

const MOST_NAMES = 4;
/** Of comings and goings in one row; only those who are called otherwise now are told one by one. */
const MOST_TOLD = 20;
/** From here on a text may be higher than its style allows, on a small screen. */
const LONG_CHARACTERS = 400;
const LONG_LINES = 10;

export function renderItem(item: Item): HTMLElement {
  switch (item.kind) {
    case 'message':
      return messageRow(item);
    case 'server':
      return serverRow(item);
    case 'presence':
      return row('presence', textOf('p', presenceText(item.moves)));
    case 'day':
      return row('day', textOf('span', item.text));
    case 'note':
      return row('note', textOf('p', item.text));
  }
}

/** A message that has not come back from the room. */
export function pendingRow(text: string): HTMLElement {
  return row('pending', saidOf(text), textOf('p', 'Not delivered yet', 'pending-mark'));
}

function messageRow({ line, own, mentioned, continues }: MessageItem): HTMLElement {
  const action = actionOf(line.text);
  const isAction = action !== undefined;
  const text = saidOf(action ?? line.text, mentioned);
  if (isAction) text.prepend(nickElement(line.nick), ' ');
  const head = element('p', continues || isAction ? 'head unseen' : 'head');
  head.append(nickElement(line.nick), ' ', timeAt(line.at));
  const made = row('message', head, text);
  made.title = timeOfDay(line.at) ?? '';
  made.classList.toggle('own', own);
  made.classList.toggle('mentions-me', mentioned !== undefined);
  made.classList.toggle('continues', continues);
  made.classList.toggle('action', isAction);
  return made;
}

function serverRow({ text, toMe, at }: ServerItem): HTMLElement {
  const head = element('p', 'head');
  head.append(textOf('b', toMe ? 'The server, to you alone' : 'The server'), ' ', timeAt(at));
  return row(toMe ? 'server direct' : 'server', head, saidOf(text));
}

/** A whole text, no higher than its style allows; `mentioned` is the nick to be marked in it. */
function saidOf(text: string, mentioned?: string): HTMLElement {
  const said = element('p', 'text');
  said.dir = 'auto';
  const parts = partsOf(shown(text)).map((part) => textPieces(part, mentioned));
  if (parts.length === 1) said.append(...parts.flat());
  else said.append(...parts.map(partElement));
  // What may have to be scrolled has to be reached by keyboard, WCAG 2.1.1.
  if (text.length > LONG_CHARACTERS || text.split('\n', LONG_LINES).length === LONG_LINES) said.tabIndex = 0;
  return said;
}

function partElement(pieces: readonly (string | Node)[]): HTMLElement {
  const made = element('span', 'part');
  made.append(...pieces);
  return made;
}

function textPieces(text: string, nick: string | undefined): (string | Node)[] {
  if (nick === undefined) return [text];
  return splitAtMentions(text, nick).map((piece) => (piece.mention ? textOf('mark', piece.text) : piece.text));
}

/** Each who came or went once, with the last that is known of them. */
function presenceText(moves: readonly Move[]): string {
  const byVerb = new Map<string, string[]>();
  for (const { nick, did } of new Map(moves.map((move) => [move.nick, move])).values()) {
    byVerb.set(did, [...(byVerb.get(did) ?? []), shownNick(nick)]);
  }
  const moved = [...byVerb].map(([did, nicks]) => `${listed(nicks, MOST_NAMES)} ${did}`);
  const rest = moved.length - MOST_TOLD;
  return [...(rest > 0 ? [`${rest} more before`] : []), ...moved.slice(-MOST_TOLD)].join(' · ');
}

function timeAt(at: number): HTMLElement {
  const clock = timeOfDay(at);
  const time = textOf('time', clock ?? '');
  if (clock !== undefined) time.dateTime = new Date(at).toISOString();
  return time;
}

function row(className: string, ...children: readonly Node[]): HTMLElement {
  const made = element('li', className);
  made.append(...children);
  return made;
}
