// A room on a terminal, or on pipes: shows what the session tells and tells what was typed. It opens no connection and
// never ends the process.

import type { WriteStream } from 'node:tty';
import { MAX_TEXT_BYTES, type OwnerCommand, printableLine, type ShownLine } from '../protocol/index.ts';
import {
  grouped,
  NOT_THE_KEY,
  OWNER_NOW,
  OWNER_OF_NEW,
  ownerTexts,
  passwordCommand,
  topicText,
} from '../view/index.ts';
import { NickCompleter } from './completion.ts';
import { InputLine, type TerminalStreams } from './input-line.ts';
import { sizeOf } from './live-area.ts';
import { PlainLines } from './plain-lines.ts';
import { render, renderPlain } from './render.ts';
import { helpLines, parseTyped, type Typed, typedFor } from './slash-commands.ts';
import { type Style, styleFor, UNSTYLED } from './style.ts';
import type { Surface, SurfaceEvents } from './surface.ts';
import { type Item, type LocalEvent, Transcript } from './transcript.ts';
import { Waiting } from './waiting.ts';

export interface ChatViewStreams extends TerminalStreams {
  /** Takes what is not a message where the output is not a terminal. */
  readonly errors: WriteStream;
}

export interface ChatViewSettings {
  /** Rings for every message of others, for those that mention me, or never. */
  readonly bell: 'on' | 'mention' | 'off';
  /** Keeps the typed lines from run to run; made with mode 0600 where it does not exist. */
  readonly historyFile?: string;
}

/** What the person wants. The view itself answers /help, /clear and mistakes. */
export interface ChatViewEvents {
  /** Answer with `sent` where the message waits for its receipt. */
  readonly onSay: (text: string) => void;
  readonly onWho: () => void;
  readonly onNick: (nick: string) => void;
  readonly onHistory: (count: number) => void;
  /** What an owner wants done. */
  readonly onAct: (command: OwnerCommand) => void;
  /** Wants to see the key of the room's owners, or with one to become an owner. */
  readonly onOwner: (key: string | undefined) => void;
  /** `interrupt`: Ctrl-C on an empty line; `end`: Ctrl-D there, or a terminal that has gone. */
  readonly onLeave: (how: 'quit' | 'interrupt' | 'end') => void;
}

export class ChatView {
  readonly #settings: ChatViewSettings;
  readonly #events: ChatViewEvents;
  readonly #transcript = new Transcript('', Date.now());
  readonly #completer = new NickCompleter();
  readonly #waiting = new Waiting();
  readonly #style: Style;
  readonly #output: WriteStream;
  readonly #isTerminal: boolean;
  /** The system has shown each typed line already, where it does the editing. */
  readonly #typedIsShown: boolean;
  readonly #surface: Surface;

  constructor(streams: ChatViewStreams, settings: ChatViewSettings, events: ChatViewEvents) {
    const { input, output, errors, env } = streams;
    this.#settings = settings;
    this.#events = events;
    this.#output = output;
    this.#isTerminal = output.isTTY === true;
    this.#style = this.#isTerminal ? styleFor(output, env) : UNSTYLED;
    const surfaceEvents: SurfaceEvents = {
      onLine: (text) => this.#typed(text),
      onLeave: (how) => events.onLeave(how),
      onTooLong: () => this.event({ type: 'problem', text: `A message has at most ${grouped(MAX_TEXT_BYTES)} bytes.` }),
    };
    const edits = this.#isTerminal && input.isTTY === true && env.TERM !== 'dumb';
    this.#typedIsShown = !edits && input.isTTY === true;
    this.#surface = edits
      ? new InputLine(streams, settings.historyFile, {
          ...surfaceEvents,
          complete: (before) => this.#completer.complete(before, this.#transcript.nick),
          rowsAbove: (columns) =>
            this.#waiting.rows(this.#transcript.status, this.#transcript.nick, columns, this.#style),
        })
      : new PlainLines(input, output, errors, surfaceEvents);
  }

  /** A line from the server, in its order. */
  line(line: ShownLine): void {
    this.#completer.hear(line);
    if (line.type === 'message' && this.#transcript.isOwn(line)) this.#waiting.take(line.ref);
    this.#show(this.#transcript.line(line));
    if (line.type === 'welcome' || line.type === 'renamed') this.#surface.setPrompt(this.#promptText());
    this.#surface.redraw();
  }

  event(event: LocalEvent): void {
    this.#show(this.#transcript.event(event));
    this.#surface.redraw();
  }

  /** The message went out under `ref` and waits for its receipt. */
  sent(ref: string, text: string): void {
    this.#waiting.add(ref, text);
    this.#surface.redraw();
  }

  /** The room does not take what was sent under `ref`: `reason` says why, and the text goes back to the line, or is shown. */
  refused(ref: string, reason: string): void {
    const text = this.#waiting.take(ref);
    this.event({ type: 'problem', text: reason });
    if (text !== undefined && !this.#surface.putBack(typedFor(text))) this.#showUnsent(text, false);
  }

  /** What was sent under `ref` waits no longer; its text is shown so that it is not lost. `perhaps`: the room may have it. */
  unsent(ref: string, perhaps: boolean): void {
    const text = this.#waiting.take(ref);
    if (text !== undefined) this.#showUnsent(text, perhaps);
  }

  #showUnsent(text: string, perhaps: boolean): void {
    this.event({ type: 'note', text: `${perhaps ? 'perhaps not sent' : 'not sent'}: ${text}` });
  }

  /**
   * `key` is that of the room's owners, undefined for who is none: it is shown; or only what follows from it, for a room that
   * is new, and as the answer to a key that was typed.
   */
  ownership(key: string | undefined, what: 'key' | 'new' | 'answer'): void {
    const texts =
      what === 'key' ? ownerTexts(key) : [what === 'new' ? OWNER_OF_NEW : key === undefined ? NOT_THE_KEY : OWNER_NOW];
    for (const text of texts) this.event({ type: 'note', text });
  }

  /** Asks for a password. Undefined where there is nobody to ask, or who was asked declined. */
  askHidden(question: string): Promise<string | undefined> {
    return this.#surface.askHidden(printableLine(question));
  }

  /** While it is held, piped input is not read: for a session whose messages cannot go out. */
  holdInput(hold: boolean): void {
    this.#surface.holdInput(hold);
  }

  /** Takes the input line away and gives the terminal back; nothing may be shown after it. */
  close(): void {
    this.#surface.close();
  }

  /** Gives the terminal back at once, for a way out that has no time for more. Synchronous. */
  restore(): void {
    this.#surface.restore();
  }

  #promptText(): string {
    return `${printableLine(this.#transcript.nick)}> `;
  }

  #show(items: readonly Item[]): void {
    for (const item of items) {
      if (this.#isTerminal) {
        if (item.kind === 'message' && item.own && this.#typedIsShown) continue;
        this.#surface.print(render(item, this.#style, sizeOf(this.#output).columns), false);
        if (this.#rings(item)) this.#surface.bell();
      } else {
        const text = renderPlain(item);
        if (text !== undefined) this.#surface.print(text, item.kind !== 'message' && item.kind !== 'server');
      }
    }
  }

  async #askPassword(): Promise<void> {
    const password = await this.#surface.askHidden('New password for the room: ');
    if (password !== undefined) this.#do(passwordCommand(password));
  }

  #rings(item: Item): boolean {
    const { bell } = this.#settings;
    if (bell === 'off') return false;
    if (item.kind === 'server') return item.toMe;
    return item.kind === 'message' && item.fresh && (bell === 'on' || item.mentioned !== undefined);
  }

  #typed(line: string): void {
    this.#do(parseTyped(line));
  }

  #do(typed: Typed): void {
    switch (typed.kind) {
      case 'nothing':
        break;
      case 'say':
        this.#events.onSay(typed.text);
        break;
      case 'who':
        this.#events.onWho();
        break;
      case 'nick':
        this.#events.onNick(typed.nick);
        break;
      case 'history':
        this.#events.onHistory(typed.count);
        break;
      case 'act':
        this.#events.onAct(typed.command);
        break;
      case 'owner':
        this.#events.onOwner(typed.key);
        break;
      case 'topic':
        this.event({ type: 'note', text: topicText(this.#transcript.topic) });
        break;
      case 'password':
        this.#askPassword().catch(() => {});
        break;
      case 'quit':
        this.#events.onLeave('quit');
        break;
      case 'clear':
        this.#surface.clear();
        break;
      case 'help':
        for (const text of helpLines()) this.event({ type: 'note', text });
        break;
      case 'mistake':
        this.event({ type: 'problem', text: typed.message });
        break;
    }
  }
}
