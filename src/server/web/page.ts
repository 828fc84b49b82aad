// The room's page, put together from its parts: one document that loads nothing, and the headers that hold it to that.
// It must never depend on a room, a request or the machine: everybody gets the same bytes.

import { createHash } from 'node:crypto';
import backOff from './back-off.page.js';
import composer from './composer.page.js';
import connection from './connection.page.js';
import endings from './endings.page.js';
import heights from './heights.page.js';
import lookAlikes from './look-alikes.page.js';
import main from './main.page.js';
import marks from './marks.page.js';
import membership from './membership.page.js';
import mentions from './mentions.page.js';
import names from './names.page.js';
import outbox from './outbox.page.js';
import markup from './page.html';
import parts from './parts.page.js';
import people from './people.page.js';
import place from './place.page.js';
import questions from './questions.page.js';
import refusal from './refusal.page.js';
import room from './room.page.js';
import rows from './rows.page.js';
import session from './session.page.js';
import standing from './standing.page.js';
import storage from './storage.page.js';
import style from './style.html';
import transcript from './transcript.page.js';
import typed from './typed.page.js';
import unread from './unread.page.js';
import windowList from './window-list.page.js';
import words from './words.page.js';

/** Each after those that it imports: as one module they need no imports, and share one scope that is not the window's. */
const SCRIPTS = [
  lookAlikes,
  names,
  words,
  marks,
  parts,
  mentions,
  typed,
  endings,
  outbox,
  membership,
  storage,
  backOff,
  refusal,
  connection,
  session,
  transcript,
  heights,
  windowList,
  rows,
  people,
  composer,
  unread,
  questions,
  standing,
  place,
  room,
  main,
];

export interface RoomPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function roomPage(): RoomPage {
  const script = `<script type="module">\n${SCRIPTS.map(withoutImports).join('\n')}</script>`;
  // By functions: a `$` in a script is not a pattern.
  const html = markup.replace('<!-- style -->', () => style).replace('<!-- script -->', () => script);
  return {
    html,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policyFor(html),
      'Referrer-Policy': 'no-referrer',
      // Kept by browsers, and asked for each time: a new server's page is there at the next load.
      'Cache-Control': 'no-cache',
      ETag: `"${sha256(html)}"`,
    },
  };
}

function withoutImports(script: string): string {
  return script.replace(/^import .*\n/gm, '').replace(/^export /gm, '');
}

/** Only this style and this script, by their hashes; only this origin's socket; and no markup made by script. */
function policyFor(html: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOfElement(html, 'script')}'`,
    `style-src '${hashOfElement(html, 'style')}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function hashOfElement(html: string, name: 'script' | 'style'): string {
  const text = new RegExp(`<${name}[^>]*>(.*)</${name}>`, 's').exec(html)?.[1];
  if (text === undefined) throw new Error(`The page has no ${name}.`);
  return `sha256-${sha256(text)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
