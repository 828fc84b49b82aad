// Makes the README's picture from a real session: a real server, two people on real terminals, a third one's message
// arriving while a line is typed. `node test/support/run.js test/readme/picture.ts` writes test/readme/session.svg.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toSvg } from './ansi-to-svg.ts';

const COLUMNS = 78;
const ROWS = 14;
const folder = mkdtempSync(join(tmpdir(), 'roomchat-picture-'));
const environment = { ...process.env, XDG_STATE_HOME: folder, TERM: 'xterm-256color', NO_COLOR: undefined };
const roomchat = join(process.cwd(), 'bin', 'roomchat.js');
const socket = join(folder, 'tmux');

function tmux(...words: string[]): string {
  return execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], { env: environment, encoding: 'utf8' });
}

const screen = (): string => tmux('capture-pane', '-p', '-t', 'alice');

/** Looks at the screen until it shows `text`; gives up after some seconds. */
async function shows(text: string): Promise<void> {
  for (let look = 0; look < 100; look++) {
    if (screen().includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The screen never showed ${text}:\n${screen()}`);
}

const server = spawn(process.execPath, [roomchat, 'serve', '--port', '0', '--ephemeral'], { env: environment });
try {
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (data) => {
      const [found] = /http:\/\/\S+(?=,)/.exec(String(data)) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.on('exit', () => reject(new Error('The server has ended.')));
  });
  const run = (...words: string[]): void => {
    execFileSync(process.execPath, [roomchat, ...words, '--server', url], { env: environment });
  };
  run('say', 'lobby', '--nick', 'bob', 'the build is green again');
  run('say', 'lobby', '--nick', 'carol', 'then let us ship it');
  const command = `${process.execPath} ${roomchat} join lobby --nick alice --server ${url}`;
  tmux('new-session', '-d', '-s', 'alice', '-x', String(COLUMNS), '-y', String(ROWS), command);
  await shows('alice>');
  tmux('send-keys', '-t', 'alice', 'I have just read through the whole history', 'Enter');
  await shows('alice: I have just read');
  tmux('send-keys', '-t', 'alice', 'and while I type this rather long line, which wraps around at the end of');
  run('say', 'lobby', '--nick', 'bob', 'alice, look: nothing disturbs what you type');
  run('admin', 'broadcast', 'lobby', 'restarting in 5 minutes');
  await shows('restarting in 5 minutes');
  const target = join('test', 'readme', 'session.svg');
  writeFileSync(target, toSvg(tmux('capture-pane', '-p', '-e', '-t', 'alice'), COLUMNS));
  process.stdout.write(`${target} is made.\n`);
} finally {
  try {
    tmux('kill-server');
  } catch {
    // It may not have been started.
  }
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
