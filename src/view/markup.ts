// What a message sets off: `code`, fences of three backticks, **bold**, and links. A text has no other marks, and none that
// does not fit is dropped. Never makes markup: whoever shows the spans decides what they look like. Linear, whatever the text.

import { splitAtLinks } from './links.ts';

export interface Span {
  /** `fence`: lines of their own. `link`: an http or https address, which is also its text. */
  readonly kind: 'text' | 'code' | 'fence' | 'bold' | 'link';
  readonly text: string;
}

/** What opens at `start` and reaches to `end`, marks and all. */
interface Found {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
}

const MARK = /`+|\*\*(?!\*)/g;
const FENCE = '```';
const BOLD = '**';
// A mark within a word is the word's: 2**3, don`t.
const WORD = /[A-Za-z0-9_]/;

/** The text in spans, in order: with the marks that were taken off they are the text again. */
export function markup(text: string): readonly Span[] {
  const spans: Span[] = [];
  let done = 0;
  for (const { span, start, end } of setOff(text)) {
    spans.push(...withLinks({ kind: 'text', text: text.slice(done, start) }), ...withLinks(span));
    done = end;
  }
  spans.push(...withLinks({ kind: 'text', text: text.slice(done) }));
  return spans;
}

function* setOff(text: string): Generator<Found, void> {
  let from = 0;
  for (;;) {
    MARK.lastIndex = from;
    const found = MARK.exec(text);
    if (found === null) return;
    const { 0: mark, index } = found;
    const after = index + mark.length;
    // Where the next such mark does not close this one it is looked at anew: nothing is looked through twice.
    const close = mark === BOLD || mark === FENCE || mark === '`' ? text.indexOf(mark, after) : -1;
    const span = close === -1 ? undefined : between(text, mark, index, close);
    if (span !== undefined) yield fitted(text, { span, start: index, end: close + mark.length });
    from = span === undefined ? after : close + mark.length;
  }
}

/** What two marks set off, if they do. */
function between(text: string, mark: string, open: number, close: number): Span | undefined {
  const inner = text.slice(open + mark.length, close);
  if (inner.trim() === '') return undefined;
  if (mark === FENCE) return { kind: 'fence', text: inner.replace(/^\n/, '').replace(/\n$/, '') };
  if (inner.includes('\n') || WORD.test(text.charAt(open - 1))) return undefined;
  const behind = text.charAt(close + mark.length);
  if (mark === '`') return behind === '`' ? undefined : { kind: 'code', text: inner };
  const isBold = inner.trim() === inner && !WORD.test(behind);
  return isBold ? { kind: 'bold', text: inner } : undefined;
}

/** A fence stands on lines of its own: the newlines before and behind it are among its marks. */
function fitted(text: string, found: Found): Found {
  if (found.span.kind !== 'fence') return found;
  const start = text.charAt(found.start - 1) === '\n' ? found.start - 1 : found.start;
  const end = text.charAt(found.end) === '\n' ? found.end + 1 : found.end;
  return { ...found, start, end };
}

function withLinks(span: Span): Span[] {
  if (span.kind === 'code' || span.kind === 'fence') return [span];
  return splitAtLinks(span.text).map(({ text, link }) => ({ kind: link ? 'link' : span.kind, text }));
}
