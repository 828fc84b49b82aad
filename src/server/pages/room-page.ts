// The headers that a room's page goes out with: they hold it to its own style and script. What the page is, the server is
// told. It must never depend on a room, a request or the machine: everybody gets the same bytes.

import { createHash } from 'node:crypto';

export interface RoomPage {
  readonly document: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** `document` is one HTML document with one style and one script, in UTF-8. */
export function roomPage(document: Uint8Array): RoomPage {
  return {
    document,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policyFor(new TextDecoder().decode(document)),
      'Referrer-Policy': 'no-referrer',
      // Kept by browsers, and asked for each time: a new server's page is there at the next load.
      'Cache-Control': 'no-cache',
      ETag: `"${sha256(document)}"`,
    },
  };
}

/** Only this style and this script, by their hashes; only this origin's socket; and no markup made by script. */
function policyFor(html: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOfElement(html, 'script')}'`,
    `style-src '${hashOfElement(html, 'style')}'`,
    "connect-src 'self'",
    'img-src data:',
    "manifest-src 'self'",
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

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64');
}
