// A console that nobody reads: a pipe, a socket, a terminal under Ctrl-S. The rooms go on, and what was dropped is said.

import { execFileSync, spawn as spawnProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const SERVE = [COMMAND, 'serve', '--port', '0', '--ephemeral'];
const XOFF = '\x13';
const XON = '\x11';
/** More console text than is kept and than a pipe holds. */
const MESSAGES = 3_000;
const TEXT = 'x'.repeat(1_000);

function environment(): NodeJS.ProcessEnv {
  const state = mkdtempSync(join(tmpdir(), 'roomchat-console-'));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  return { ...process.env, XDG_STATE_HOME: state };
}

/** What a console prints, and a way to wait for some of it. */
class Heard {
  #text = '';
  readonly #waiting = new Set<() => void>();

  hear(chunk: string): void {
    this.#text += chunk;
    for (const check of this.#waiting) check();
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      const check = () => {
        const found = pattern.exec(this.#text);
        if (found === null) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** Says more than the console may keep, and gets every receipt. */
async function talkOn(heard: Heard, stall: () => void): Promise<void> {
  const [, url = ''] = await heard.until(/listening on (\S+),/);
  stall();
  const { client } = await WireClient.join({ url }, 'lobby');
  for (let said = 0; said < MESSAGES; said += 30) {
    client.send(...Array.from({ length: 30 }, (_, i) => ({ type: 'say', text: `${said + i} ${TEXT}` })));
    await client.said(`${said + 29} ${TEXT}`);
  }
  expect(client.of('message')).toHaveLength(MESSAGES);
}

function hearing(stream: Readable): Heard {
  const heard = new Heard();
  stream.setEncoding('utf8').on('data', (chunk: string) => heard.hear(chunk));
  return heard;
}

test.each(['pipe', 'socket'] as const)('a %s that nobody reads holds up no room', async (kind) => {
  let output: number | 'pipe' = 'pipe';
  if (kind === 'pipe') {
    const path = join(mkdtempSync(join(tmpdir(), 'roomchat-pipe-')), 'console');
    execFileSync('mkfifo', [path]);
    output = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => rmSync(join(path, '..'), { recursive: true, force: true }));
  }
  // Node gives a child a socket where it is asked for a pipe.
  const child = spawnProcess(process.execPath, SERVE, { env: environment(), stdio: ['ignore', output, 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const stream =
    typeof output === 'number' ? new Socket({ fd: output, readable: true, writable: false }) : child.stdout;
  if (stream === null) throw new Error('the child has no standard output');
  const heard = hearing(stream);
  await talkOn(heard, () => stream.pause());
  stream.resume();
  const [, dropped] = await heard.until(/warning: (\d+) console lines were dropped/);
  expect(Number(dropped)).toBeGreaterThan(500);
});

test('a terminal under Ctrl-S holds up no room', async () => {
  const terminal = spawnTerminal(process.execPath, SERVE, { env: environment(), cols: 200, rows: 50 });
  const ended = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  onTestFinished(async () => {
    terminal.kill('SIGKILL');
    await ended;
  });
  const heard = new Heard();
  terminal.onData((chunk) => heard.hear(chunk));
  await talkOn(heard, () => terminal.write(XOFF));
  terminal.write(XON);
  const [, dropped] = await heard.until(/warning: (\d+) console lines were dropped/);
  expect(Number(dropped)).toBeGreaterThan(500);
});
