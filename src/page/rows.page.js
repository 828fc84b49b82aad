// The list's rows: an item as an element. What somebody wrote becomes text and never markup, and passes through marks.page.js
// here, once.

import { shown, shownNick } from './marks.page.js';
import { splitAtMentions } from './mentions.page.js';
import { partsOf } from './parts.page.js';
import { listed, timeOfDay } from './words.page.js';

/** A text that begins so is what somebody does: a convention between clients, of which the server knows nothing. */
const ACTION = '/me ';
const MOST_NAMES = 4;
/** Of comings and goings in one row; only those who are called otherwise now are told one by one. */
const MOST_TOLD = 20;
/** From here on a text may be higher than its style allows, on a small screen. */
const LONG_CHARACTERS = 400;
const LONG_LINES = 10;
const MOST_SPOKEN = 1000;

export function renderItem(item) {
  switch (item.kind) {
    case 'message':
      return messageRow(item);
    case 'server':
      return serverRow(item);
    case 'presence':
      return row('presence', textOf('p', presenceText(item.moves)));
    case 'day':
      return row('day', textOf('span', item.text));
    default:
      return row('note', textOf('p', item.text));
  }
}

/** A message that has not come back from the room. */
export function pendingRow(text) {
  return row('pending', saidOf(text), textOf('p', 'Not in the room yet', 'pending-mark'));
}

/** An item in a few words, for who listens instead of looking; of a long text its beginning. */
export function spoken(item) {
  const { text } = item.kind === 'message' ? item.line : item;
  const said = text.length > MOST_SPOKEN ? `${text.slice(0, MOST_SPOKEN)}…` : text;
  if (item.kind === 'message') return shown(`${item.line.nick}: ${said}`);
  return shown(item.toMe ? `The server, to you alone: ${said}` : `The server: ${said}`);
}

function messageRow({ line, own, mentions, continues }) {
  const isAction = line.text.startsWith(ACTION);
  const text = saidOf(isAction ? line.text.slice(ACTION.length) : line.text, mentions);
  if (isAction) text.prepend(nickOf(line), ' ');
  const head = element('p', continues || isAction ? 'head unseen' : 'head');
  head.append(nickOf(line), ' ', timeAt(line.at));
  const made = row('message', head, text);
  made.title = timeOfDay(line.at);
  made.classList.toggle('own', own);
  made.classList.toggle('mentions-me', mentions !== undefined);
  made.classList.toggle('continues', continues);
  made.classList.toggle('action', isAction);
  return made;
}

function serverRow({ text, toMe, at }) {
  const head = element('p', 'head');
  head.append(textOf('b', toMe ? 'The server, to you alone' : 'The server'), ' ', timeAt(at));
  return row(toMe ? 'server direct' : 'server', head, saidOf(text));
}

/** A whole text, no higher than its style allows; `mentioned` is the nick to be marked in it. */
function saidOf(text, mentioned) {
  const said = element('p', 'text');
  said.dir = 'auto';
  const parts = partsOf(shown(text));
  const pieces = parts.map((part) => textPieces(part, mentioned));
  if (parts.length === 1) said.append(...pieces.flat());
  else said.append(...pieces.map(partElement));
  // What may have to be scrolled has to be reached by keyboard, WCAG 2.1.1.
  if (text.length > LONG_CHARACTERS || text.split('\n', LONG_LINES).length === LONG_LINES) said.tabIndex = 0;
  return said;
}

function partElement(pieces) {
  const made = element('span', 'part');
  made.append(...pieces);
  return made;
}

function textPieces(text, nick) {
  if (nick === undefined) return [text];
  return splitAtMentions(text, nick).map((piece) => (piece.mention ? textOf('mark', piece.text) : piece.text));
}

/** Each who came or went once, with the last that is known of them. */
function presenceText(moves) {
  const byVerb = new Map();
  for (const { nick, did } of new Map(moves.map((move) => [move.nick, move])).values()) {
    byVerb.set(did, [...(byVerb.get(did) ?? []), shownNick(nick)]);
  }
  const moved = [...byVerb].map(([did, nicks]) => `${listed(nicks, MOST_NAMES)} ${did}`);
  const rest = moved.length - MOST_TOLD;
  return [...(rest > 0 ? [`${rest} more before`] : []), ...moved.slice(-MOST_TOLD)].join(' · ');
}

/** A name in a colour of its own, the same everywhere. */
export function nickOf({ nick }) {
  const name = textOf('bdi', shownNick(nick), 'nick');
  name.style.setProperty('--hue', hueOf(nick));
  return name;
}

function hueOf(nick) {
  let hash = 0;
  for (const character of nick) hash = (hash * 31 + character.codePointAt(0)) % 997;
  return (hash * 137.5) % 360;
}

function timeAt(at) {
  const time = textOf('time', timeOfDay(at));
  if (time.textContent !== '') time.dateTime = new Date(at).toISOString();
  return time;
}

function row(className, ...children) {
  const made = element('li', className);
  made.append(...children);
  return made;
}

export function textOf(name, text, className = '') {
  const made = element(name, className);
  made.textContent = shown(text);
  return made;
}

function element(name, className) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}
