// A chat view whose room is the test: run on a terminal, it shows the lines that come over a loopback connection and
// sends back what was typed. `terminal-demo PORT [HISTORY-FILE]`

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { OwnerCommand, ShownLine } from '../../src/protocol/index.ts';
import { ChatView, type LocalEvent } from '../../src/terminal/index.ts';

/** What the test tells the view. */
export type ToDemo =
  | { readonly type: 'line'; readonly line: ShownLine }
  | { readonly type: 'event'; readonly event: LocalEvent }
  | { readonly type: 'refused'; readonly ref: string; readonly reason: string }
  | { readonly type: 'ask'; readonly question: string }
  | { readonly type: 'close' | 'restore' | 'throw' | 'exit' };

/** What the view tells the test. */
export type FromDemo =
  | { readonly type: 'ready'; readonly pid: number }
  | { readonly type: 'who' }
  | { readonly type: 'say'; readonly text: string; readonly ref: string }
  | { readonly type: 'answer'; readonly text: string | undefined }
  | { readonly type: 'nick' | 'leave'; readonly text: string }
  | { readonly type: 'act'; readonly command: OwnerCommand }
  | { readonly type: 'owner'; readonly text: string | undefined }
  | { readonly type: 'history'; readonly count: number };

const [, , port, historyFile] = process.argv;
const socket = connect(Number(port), '127.0.0.1');
const tell = (message: FromDemo): boolean => socket.write(`${JSON.stringify(message)}\n`);
let sent = 0;

const view = new ChatView(
  { input: process.stdin, output: process.stdout, errors: process.stderr, env: process.env },
  { bell: 'mention', ...(historyFile === undefined ? {} : { historyFile }) },
  {
    onSay: (text) => {
      const ref = `r${++sent}`;
      view.sent(ref, text);
      tell({ type: 'say', text, ref });
    },
    onWho: () => tell({ type: 'who' }),
    onNick: (text) => tell({ type: 'nick', text }),
    onAct: (command) => tell({ type: 'act', command }),
    onOwner: (text) => tell({ type: 'owner', text }),
    onHistory: (count) => tell({ type: 'history', count }),
    onLeave: (text) => tell({ type: 'leave', text }),
  },
);

async function obey(message: ToDemo): Promise<void> {
  switch (message.type) {
    case 'line':
      view.line(message.line);
      break;
    case 'event':
      view.event(message.event);
      break;
    case 'refused':
      view.refused(message.ref, message.reason);
      break;
    case 'ask':
      tell({ type: 'answer', text: await view.askHidden(message.question) });
      break;
    case 'close':
      view.close();
      socket.end();
      break;
    case 'restore':
      view.restore();
      socket.end();
      break;
    case 'throw':
      setImmediate(() => {
        throw new Error('thrown on purpose');
      });
      break;
    case 'exit':
      process.exit(7);
  }
}

createInterface({ input: socket }).on('line', (text) => {
  const message: ToDemo = JSON.parse(text);
  void obey(message);
});
socket.on('connect', () => tell({ type: 'ready', pid: process.pid }));
