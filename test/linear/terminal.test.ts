// Linear time, the terminal: every line of a server on its way to the screen, what is typed or pasted, and the command
// line.

import { Readable } from 'node:stream';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { clientsTable, roomsTable, verifiedTable } from '../../src/cli/admin-tables.ts';
import { inputLines } from '../../src/cli/input-lines.ts';
import { commandTree } from '../../src/cli/main.ts';
import { usageSentence } from '../../src/cli/usage-sentence.ts';
import { AddressError, parseRoomAddress, parseServerAddress } from '../../src/client/index.ts';
import { decodeLine, escapeUnsafe, exceedsBytes, MAX_TEXT_BYTES, NameError } from '../../src/protocol/index.ts';
import { cellWidth, graphemesOf } from '../../src/terminal/cell-width.ts';
import { NickCompleter } from '../../src/terminal/completion.ts';
import { Editor } from '../../src/terminal/editor.ts';
import { InputHistory } from '../../src/terminal/input-history.ts';
import { KeyDecoder } from '../../src/terminal/keys.ts';
import { layOutInput, oneRow } from '../../src/terminal/layout.ts';
import { PlainLines } from '../../src/terminal/plain-lines.ts';
import { render, renderPlain } from '../../src/terminal/render.ts';
import { COMMAND_NAMES, parseTyped } from '../../src/terminal/slash-commands.ts';
import { styleOf } from '../../src/terminal/style.ts';
import { type Item, Transcript } from '../../src/terminal/transcript.ts';
import { fieldsOf, growsFaster, type Work } from '../support/growth.ts';
import { SERVER_LINES } from '../support/line-samples.ts';
import { NEAR_NICK } from '../support/worst-texts.ts';

const style = styleOf(8);

/** What a room on a terminal does with a line, and with a plain message after it. */
function show(raw: string): void {
  const transcript = new Transcript(NEAR_NICK, 0);
  const completer = new NickCompleter();
  const take = (json: string): void => {
    const line = decodeLine(json);
    // A session keeps its key to itself.
    if (line === undefined || line.type === 'key') return;
    completer.hear(line);
    for (const item of transcript.line(line)) both(item);
  };
  take(raw);
  take(JSON.stringify({ ...SERVER_LINES.message, text: `${NEAR_NICK}: hi` }));
  completer.complete('an', transcript.nick);
  escapeUnsafe(raw);
}

function both(item: Item): void {
  render(item, style, 80);
  renderPlain(item);
}

describe('a line of a server on the screen', () => {
  it.each(fieldsOf(SERVER_LINES).filter(({ path }) => !/\.(type|code)$/.test(path)))('$path', async ({ withText }) => {
    // A line with half a character is refused when it is decoded.
    expect(await growsFaster((text) => show(JSON.stringify(withText(text.toWellFormed()))))).toEqual([]);
  });

  it('with a mention in front of anything', async () => {
    const lineOf = (text: string) => JSON.stringify({ ...SERVER_LINES.message, text: `${NEAR_NICK} ${text}` });
    expect(await growsFaster((text) => show(lineOf(text.toWellFormed())))).toEqual([]);
  });
});

/** An editor whose completer knows a room full of near-matches. */
function editor(): Editor {
  const completer = new NickCompleter();
  for (let i = 0; i < 1000; i++) completer.hear({ ...SERVER_LINES.joined, nick: `${NEAR_NICK}${i}` });
  return new Editor(new InputHistory(), (before) => completer.complete(before, NEAR_NICK));
}

function press(text: string): void {
  const edited = editor();
  const keys = new KeyDecoder();
  for (const key of [...keys.decode(text), ...keys.settle()]) edited.press(key);
}

describe('what is typed or pasted', () => {
  it.each(
    Object.entries({
      'as it comes from a terminal': (text) => press(text.replaceAll(/[^\x1b0-9[]/g, '')),
      'pasted, then walked through and completed': (text) =>
        press(`\x1b[200~${text.slice(0, 5000)}\x1b[201~\t\x1bb\x1bf\x1b[D\x1b[C\x17\x15`),
      'pasted without an end': (text) => press(`\x1b[200~${text}`),
      'as a message': parseTyped,
      'as an unknown command': (text) => parseTyped(`/${text}`),
      'under the input line': (text) => layOutInput('ann> ', text, text.length, 80),
      'waiting above the input line': (text) => oneRow(text, 80),
      'measured in cells': cellWidth,
      'cut into characters': (text) => {
        for (const { start } of graphemesOf(text)) if (start < 0) throw new Error('No character begins there.');
      },
      'measured in bytes': (text) => exceedsBytes(text, MAX_TEXT_BYTES),
      'before a Tab': (text) => new NickCompleter().complete(text, NEAR_NICK),
      'before a Tab, behind a slash': (text) => new NickCompleter().complete(`/${text}`, NEAR_NICK),
      ...Object.fromEntries(
        COMMAND_NAMES.map((name) => [`behind ${name}`, (text: string) => parseTyped(`${name} ${text}`)]),
      ),
    } satisfies Record<string, Work>),
  )('%s', async (_, work) => {
    expect(await growsFaster(work)).toEqual([]);
  });

  it('through a pipe, in small pieces', async () => {
    const ignore = (): void => {};
    const { stdin, stdout, stderr } = process;
    const lines = new PlainLines(stdin, stdout, stderr, { onLine: ignore, onLeave: ignore, onTooLong: ignore });
    const work: Work = (text) => {
      for (let at = 0; at < text.length; at += 16) stdin.emit('data', Buffer.from(text.slice(at, at + 16)));
      // A line ends at last, so that every run begins with none.
      stdin.emit('data', Buffer.from('\n'));
    };
    expect(await growsFaster(work)).toEqual([]);
    lines.close();
  });
});

describe('on the command line', () => {
  it('an input of any lines', async () => {
    const work: Work = async (text) => {
      const bytes = Buffer.from(text);
      const pieces = Array.from({ length: 64 }, (_, i) =>
        bytes.subarray((i * bytes.length) / 64, ((i + 1) * bytes.length) / 64),
      );
      for await (const line of inputLines(Readable.from(pieces), MAX_TEXT_BYTES)) line.trim();
    };
    expect(await growsFaster(work)).toEqual([]);
  });

  it('any address of a server', async () => {
    const read = (text: string): void => {
      try {
        parseServerAddress(text);
        parseRoomAddress(text, { chosen: text });
      } catch (error) {
        if (!(error instanceof AddressError || error instanceof NameError)) throw error;
      }
    };
    for (const start of ['', 'http://', 'http://host/', 'http://host/rooms/', '[']) {
      expect(await growsFaster((text) => read(start + text))).toEqual([]);
    }
  });

  it.each([
    (text: string) => `error: option '-p, --port <number>' argument '${text}' is invalid. It takes a number.`,
    (text: string) => `error: command-argument value '${text}' is invalid for argument 'room'. ${text}`,
    (text: string) => `error: option '${text}' argument missing`,
    (text: string) => `error: option '${text}' cannot be used with option '${text}'`,
    (text: string) => `error: unknown option '${text}'\n(Did you mean ${text}?)`,
    (text: string) => `error: unknown command '${text}'${'\n(Did you mean '.repeat(text.length / 16)}`,
    (text: string) =>
      `error: option ''${" argument '".repeat(text.length / 16)}${"' is invalid. ".repeat(text.length / 16)}`,
    (text: string) => `error: too many arguments for '${text}'. Expected ${text} but got 2.`,
  ])('any value that is wrong (%#)', async (message) => {
    const program = commandTree();
    const sentence: Work = (text) =>
      usageSentence(new CommanderError(1, 'commander.error', message(text)), program, [text]);
    expect(await growsFaster(sentence)).toEqual([]);
  });

  it('any cell of a table, beside many others', async () => {
    const work: Work = (text) => {
      const names = [text, ...Array.from({ length: text.length / 64 }, () => 'a')];
      const room = { present: 1, seq: 1, bytes: 1, protected: false };
      roomsTable(names.map((name) => ({ name, ...room })));
      verifiedTable(names.map((name) => ({ name, lines: 1, bytes: 1, problems: [{ offset: 1, reason: name }] })));
      const client = { since: 0, state: 'live', behind: 0, waiting: 0, speaker: false } as const;
      clientsTable(names.map((name) => ({ id: name, nick: name, room: name, address: name, ...client })));
    };
    expect(await growsFaster(work)).toEqual([]);
  });
});
