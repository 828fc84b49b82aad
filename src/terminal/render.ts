// Items as text for a terminal: rows that it has nothing to break in. Pure, and everything that comes from somebody else
// passes through the protocol's printable functions here, once.

import { printableLine, printableLines } from '../protocol/index.ts';
import { actionOf, counted, splitAtMentions, timeOfDay } from '../view/index.ts';
import type { Style } from './style.ts';
import type { Item } from './transcript.ts';
import { wrap } from './wrap.ts';

/** Lines of one text that are shown, more than 16 KiB of full lines have: newlines alone would push all else far away. */
const MOST_LINES = 256;

/** One item as rows for a terminal of `columns`, parted by `\n`, without one at the end. */
export function render(item: Item, style: Style, columns: number): string {
  return wrap(renderLines(item, style), columns, style);
}

function renderLines(item: Item, style: Style): string {
  switch (item.kind) {
    case 'message':
      return renderMessage(item, style);
    case 'server': {
      const from = item.toMe ? '[server, to you]' : '[server]';
      return `${style.dim(clock(item.at))} ${style.strong(from)} ${body(item.text, style)}`;
    }
    case 'presence':
      return style.dim(`${clock(item.at)} -- ${printableLine(item.text)}`);
    case 'rule':
      return style.dim(`── ${printableLine(item.text)} ──`);
    case 'note':
      return style.dim(`-- ${body(item.text, style)}`);
    case 'problem':
      return style.problem(`!! ${body(item.text, style)}`);
  }
}

function renderMessage(item: Extract<Item, { kind: 'message' }>, style: Style): string {
  const { nick, text, at } = item.line;
  const action = actionOf(text);
  const name = style.nick(nick, printableLine(nick));
  const said = body(action ?? text, style, item.mentioned);
  return `${style.dim(clock(at))} ${action !== undefined ? `* ${name}` : `${style.strong(name)}:`} ${said}`;
}

function body(text: string, style: Style, mentioned?: string): string {
  const all = printableLines(text);
  const lines = all.slice(0, MOST_LINES);
  // Before any style is added: a nick such as "22m" occurs in the styles' own sequences.
  const marked = mentioned === undefined ? lines : lines.map((line) => withMentions(line, mentioned, style));
  const rest = all.length - lines.length;
  if (rest > 0) marked.push(style.dim(`… ${counted(rest, 'more line')}: join --json prints them all`));
  return marked.join('\n');
}

function withMentions(line: string, nick: string, style: Style): string {
  const pieces = splitAtMentions(line, nick);
  return pieces.map(({ text, mention }) => (mention ? style.mention(text) : text)).join('');
}

function clock(at: number): string {
  return timeOfDay(at) ?? '--:--';
}

/**
 * One item for a pipe: a line for a message, with ⏎ for its newlines, so that one message is one line for every tool.
 * Undefined for own messages, which whoever typed them has.
 */
export function renderPlain(item: Item): string | undefined {
  switch (item.kind) {
    case 'message': {
      if (item.own) return undefined;
      const { nick, text } = item.line;
      const action = actionOf(text);
      if (action !== undefined) return `* ${printableLine(`${nick} ${action}`)}`;
      return printableLine(`${nick}: ${text}`);
    }
    case 'server':
      // No member can be called so: a nick is not "server" and has no blanks.
      return printableLine(`${item.toMe ? 'server (to you)' : 'server'}: ${item.text}`);
    default:
      return printableLine(item.text);
  }
}
