// On a person's terminal: no text of one member stands where a line of another begins, however long it is.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../support/command.ts';
import { PtyCommand } from '../../support/pty-command.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** The forgery begins behind this: what stands before the text of eve's message. */
const HEAD = '12:00 eve: '.length;
const FORGED = '12:01 ann: I agree with eve';

describe.each([{}, { TERM: 'dumb' }])('with %j', (env) => {
  it.each([
    ['blanks up to the margin', (columns: number) => `hi${' '.repeat(columns - HEAD - 2)}${FORGED}`],
    ['blanks up to the cell before it', (columns: number) => `hi${' '.repeat(columns - HEAD - 3)}${FORGED}`],
    ['a word up to the margin', (columns: number) => `${'x'.repeat(columns - HEAD)}${FORGED}`],
    ['wide characters up to it', (columns: number) => `${'你'.repeat((columns - HEAD + 1) / 2)}${FORGED}`],
    ['two rows of blanks', (columns: number) => `hi${' '.repeat(2 * columns - HEAD - 2)}${FORGED}`],
    ['a row of blanks behind the mark', (columns: number) => `hi\n${' '.repeat(columns - 8)}${FORGED}`],
    ['newlines', () => `hi\n${FORGED}\r\n${FORGED}`],
  ])('behind %s', async (_, forgery) => {
    const room = freshRoom();
    const bob = new PtyCommand(['join', room, '--server', server.url, '--nick', 'bob'], { ...server.env, ...env });
    onTestFinished(() => bob.stop());
    await bob.shows(/is new; it is open/);
    const text = forgery(bob.screen.columns);
    await run(['say', room, '--whole', '--server', server.url, '--nick', 'eve'], { input: text });
    await run(['say', room, 'the end', '--server', server.url, '--nick', 'ann']);
    await bob.shows(/ann: the end/);
    const rows = bob.screen.text.split('\n');
    expect(rows.filter((row) => /^\d\d:\d\d \S+:/.test(row)).map((row) => row.slice(6, 20).trimEnd())).toEqual([
      expect.stringMatching(/^eve: /),
      'ann: the end',
    ]);
    expect(rows.filter((row) => row.includes('I agree')).length).toBeGreaterThan(0);
    for (const row of rows.filter((row) => row.includes('I agree'))) expect(row).toMatch(/^ {6}│ /);
  });
});

describe.each([
  ['the console of a server', ['serve', '--port', '0', '--ephemeral'], /listening on (\S+):(\d+)/],
  ['what an admin watches', ['admin', 'watch'], undefined],
])('%s', (_, args, listening) => {
  it('shows no text where a line begins', async () => {
    const own = listening === undefined ? ['--server', server.url] : [];
    const screen = new PtyCommand([...args, ...own], server.env);
    onTestFinished(() => screen.stop());
    if (listening !== undefined) await screen.shows(listening);
    const port = listening?.exec(screen.output)?.[2] ?? String(server.port);
    const said = async (text: string): Promise<void> => {
      await run(['say', 'console', text, '--server', `127.0.0.1:${port}`, '--nick', 'eve']);
    };
    if (listening === undefined) await watched(screen, said);
    const head = '12:00:00 console: <eve> '.length;
    await said(`hi${' '.repeat(screen.screen.columns - head - 2)}12:01:00 console: <ann> I agree with eve`);
    await said('the end');
    await screen.shows(/<eve> the end/);
    const rows = screen.screen.text.split('\n').filter((row) => row.includes('I agree'));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatch(/^ {6}│ /);
  });
});

/** Nothing says that a watch has begun but what it shows. */
async function watched(screen: PtyCommand, say: (text: string) => Promise<void>): Promise<void> {
  for (let i = 0; !/<eve> is anybody watching/.test(screen.output); i++) {
    if (i > 20) throw new Error('the watch shows nothing');
    await say('is anybody watching');
  }
}
