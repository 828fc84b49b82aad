// One event is one line: in the log, on the console as text and as JSON, whatever characters somebody puts into it.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { ControlClient } from '../../support/control-client.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

/** Everything that some reader or other takes for the end of a line. */
const LINE_ENDS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const FORGERIES = ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'].map(
  (end) => `before${end}12:00:00 lobby: <ann> forged`,
);

async function attack(server: ServerProcess): Promise<void> {
  const { client: ann } = await WireClient.join(
    server,
    'lobby',
    { nick: 'ann' },
    // A header cannot hold a line's end; what looks like one in Latin-1 may pass.
    { headers: { 'User-Agent': 'x\u0085forged' } },
  );
  for (const text of FORGERIES) await ann.say(text);
  const admin = await ControlClient.open(server, await server.adminToken());
  for (const text of FORGERIES) await admin.ask({ type: 'broadcast', room: 'lobby', text });
  for (const id of FORGERIES) await admin.ask({ type: 'dm', id, text: 'to nobody' });
  for (const [index, reason] of FORGERIES.entries()) {
    const { client: eve, welcome } = await WireClient.join(server, 'lobby', { nick: `eve${index}`, last: 0 });
    if (index % 2 === 0) eve.socket.close(4000, reason);
    else await admin.ask({ type: 'kick', id: welcome.id, reason });
    await eve.closed;
  }
  for (const forgery of FORGERIES) {
    const eve = await WireClient.open(server, 'lobby');
    eve.send({ type: 'join', nick: forgery.slice(0, 20) });
    expect((await eve.closed).code).toBe(4400);
  }
  await ann.leave();
  admin.close();
}

/** Broadcasts, directs and, for every other eve, a kick. */
const COMMANDS = 2.5 * FORGERIES.length;

/** joined and left, once for ann and once for each eve; a message and a notice for each forgery; the admin's commands. */
const EVENTS = 2 * (1 + FORGERIES.length) + 2 * FORGERIES.length + COMMANDS;

it('in text and in the log', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  await attack(server);
  await server.printed(/ann left/);
  const lines = server.output().trimEnd().split(LINE_ENDS);
  expect(lines.length).toBe(1 + EVENTS);
  for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d (listening|lobby: |admin from )/);
  expect(lines.filter((line) => /^\S+ lobby: <ann> before.*forged$/.test(line))).toHaveLength(FORGERIES.length);
  const [folder] = await readdir(join(server.data, 'rooms'));
  const log = await readFile(join(server.data, 'rooms', folder ?? '', 'log.ndjson'), 'utf8');
  const logged = log.trimEnd().split(LINE_ENDS);
  expect(logged.length).toBe(2 * FORGERIES.length);
  const texts = logged.map((line): unknown => JSON.parse(line).text);
  expect(texts).toEqual([...FORGERIES, ...FORGERIES]);
});

it('in JSON, for those who watch', async () => {
  const server = await startServer();
  onTestFinished(async () => void (await server.stop()));
  const headers = { Authorization: `Bearer ${await server.adminToken()}` };
  const watcher = new WebSocket(`${server.url.replace('http', 'ws')}/admin`, { headers });
  let heard = '';
  const over = new Promise<void>((resolve) =>
    watcher.on('message', (data) => {
      heard += data.toString();
      if (/"event":"left".*"nick":"ann"/.test(heard)) resolve();
    }),
  );
  watcher.on('open', () => watcher.send('{"type":"watch","ref":1}'));
  await new Promise((resolve) => watcher.once('message', resolve));
  await attack(server);
  await over;
  const lines = heard.trimEnd().split(LINE_ENDS);
  // Beside these the answer to `watch`, and its record.
  expect(lines.length).toBe(2 + EVENTS);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
});
