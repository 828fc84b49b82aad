// `say` where somebody looks on: how it asks for input, and how far it is with a long one.

import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PtyCommand } from '../../support/pty-command.ts';
import { COMMAND, type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
const folder = mkdtempSync(join(tmpdir(), 'roomchat-say-'));

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  [[], /Each line that you type is a message\. Ctrl-D ends\./, 'one\ntwo\n', 'two'],
  [['--whole'], /All that you type becomes one message\. Ctrl-D ends it\./, 'a\nb\n', 'a⏎b'],
] as const)('without a message and with %j it says that it reads what is typed', async (flags, hint, typed, said) => {
  const pty = new PtyCommand(['say', 'typed', '--server', server.url, '--nick', 'ann', ...flags], {});
  await pty.shows(hint);
  pty.type(`${typed}\u0004`);
  await server.printed(new RegExp(`typed: <ann> ${said}\\n`));
  expect(await pty.exited).toBe(0);
});

it('shows how many of an input are said on one line, which gives way to a refusal and is gone at the end', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const command = `exec "${process.execPath}" "${COMMAND}" say long --server ${server.url} < "${pipe}"`;
  const pty = new PtyCommand(['-c', command], {}, ['bash', '--norc']);
  const input = createWriteStream(pipe);
  input.write('x\n'.repeat(1500));
  await pty.shows(/^1,500 said/m);
  input.write('\0\n');
  await pty.shows(/^roomchat: Line 1501 was refused: [^\n]+NUL byte\.$/m);
  input.write('y\n');
  await pty.shows(/^1,501 said/m);
  input.end();
  expect(await pty.exited).toBe(5);
  expect(pty.screen.printed.join('\n')).not.toMatch(/said/);
  expect(pty.screen.printed.join('\n')).toMatch(
    /^roomchat: Line 1501[^\n]+\nroomchat: 1 of the messages was refused\.\n*$/,
  );
});
