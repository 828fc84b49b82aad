// The list's rows: an item as an element. What somebody wrote becomes text and never markup, and the marks on its letters
// are bounded here, once.

import { actionOf, listed, type Move, momentOf, timeOfDay } from '../view/index.ts';
import { element, textOf } from './elements.ts';
import { shownNick } from './marks.ts';
import { nickElement } from './nick-element.ts';
import { saidOf } from './said.ts';
import type { Item, MessageItem, ServerItem } from './transcript.ts';

const MOST_NAMES = 4;
/** Of comings and goings in one row; only those who are called otherwise now are told one by one. */
const MOST_TOLD = 20;

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

function messageRow({ line, own, mentioned, continues, isFirstNew }: MessageItem): HTMLElement {
  const action = actionOf(line.text);
  const isAction = action !== undefined;
  const text = saidOf(action ?? line.text, mentioned);
  if (isAction) text.prepend(nickElement(line.nick), ' ');
  const head = element('p', continues || isAction ? 'head unseen' : 'head');
  head.append(nickElement(line.nick), ' ', timeAt(line.at));
  const made = row('message', ...(isFirstNew ? [textOf('p', 'New', 'new')] : []), head, text);
  made.title = momentOf(line.at) ?? '';
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
