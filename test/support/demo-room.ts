// A room for tests of the chat view on a real terminal: terminals that are joined to it and stopped after each test.

import { afterAll, afterEach, beforeAll } from 'vitest';
import type { MessageLine, WelcomeLine } from '../../src/protocol/index.ts';
import { bundleDemo, type DemoOptions, DemoTerminal } from './demo-terminal.ts';

const AT = Date.now();
/** The demo's time zone is UTC. */
export const TIME = new Date(AT).toISOString().slice(11, 16);

export const welcome: WelcomeLine = {
  type: 'welcome',
  protocol: 1,
  id: 'me',
  nick: 'bob',
  room: 'lobby',
  epoch: 'e',
  seq: 0,
  after: 0,
  present: 1,
  created: false,
  protected: false,
  key: 'k',
};
/** What a view says to that. */
export const WELCOME = '-- You are bob in lobby; nobody else is here.';

/** A line of alice, unless `more` says whose. */
export function says(seq: number, text: string, more: Partial<MessageLine> = {}): MessageLine {
  return { type: 'message', seq, at: AT, id: 'a', nick: 'alice', text, ...more };
}

/** What the view was asked to say. */
export function said(terminal: DemoTerminal): string[] {
  return terminal.heard.flatMap((message) => (message.type === 'say' ? [message.text] : []));
}

/** To be called once in a test file: starts terminals, and joins them to the room. */
export function useDemo(): {
  start: (options?: DemoOptions) => Promise<DemoTerminal>;
  join: (options?: DemoOptions) => Promise<DemoTerminal>;
} {
  let demo: Awaited<ReturnType<typeof bundleDemo>>;
  const terminals: DemoTerminal[] = [];
  beforeAll(async () => {
    demo = await bundleDemo();
  });
  afterEach(async () => {
    await Promise.all(terminals.splice(0).map((terminal) => terminal.stop()));
  });
  afterAll(() => demo.remove());

  const start = async (options: DemoOptions = {}): Promise<DemoTerminal> => {
    const terminal = await DemoTerminal.start(demo.file, options);
    terminals.push(terminal);
    return terminal;
  };
  const join = async (options: DemoOptions = {}): Promise<DemoTerminal> => {
    const terminal = await start(options);
    terminal.show(welcome, { type: 'live', seq: 0 });
    await terminal.until('the prompt', () => terminal.screen.withCursor.endsWith('bob> ▏'));
    return terminal;
  };
  return { start, join };
}
