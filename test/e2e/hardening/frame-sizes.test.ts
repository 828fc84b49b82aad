// No frame to anybody is longer than 64 KiB, and each holds whole lines: every kind of answer, as large as it gets.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const MAX_FRAME_BYTES = 64 * 1024;
/** A byte of text, sent as it is, that comes back as an escape of six bytes. */
const ESCAPED = '\u007f';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

function check(frames: readonly string[]): void {
  for (const frame of frames) {
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(frame.endsWith('\n')).toBe(true);
  }
}

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

it('to a speaker that says thousands of lines at once, nor to its replay', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const { client: bot, welcome } = await WireClient.join(server, room, { nick: 'bot', as: 'speaker' });
  // Each of 28 bytes, and of some 130 as a line of the log.
  for (let i = 0; i < 4; i++) bot.send(...many(2_000, () => ({ type: 'say', text: 'x' })));
  await bot.count('message', 8_000);
  await ann.count('message', 8_000);
  expect(bot.of('message').map(({ seq }) => seq)).toEqual(ann.of('message').map(({ seq }) => seq));
  await bot.drop();
  const { id, key, epoch } = welcome;
  const again = await WireClient.join(server, room, {
    nick: 'bot',
    as: 'speaker',
    since: 0,
    epoch,
    resume: { id, key, attempt: 1 },
  });
  expect(again.client.of('message')).toHaveLength(8_000);
  for (const client of [ann, bot, again.client]) check(client.frames);
});

it('to members: the longest lines, who, presence, renames, errors, and what an admin says', async () => {
  const room = freshRoom();
  const { client: ann, welcome } = await WireClient.join(server, room, { nick: 'ann' });
  await WireClient.join(server, room, { nick: 'bo' });
  const admin = await ControlClient.open(server, await server.adminToken());
  const others = await Promise.all(
    many(200, (i) => WireClient.join(server, room, { nick: `${'\u{1d4d0}'.repeat(28)}${i}` })),
  );
  for (const { client } of others)
    client.send(...many(20, (i) => ({ type: 'nick', nick: `${'\u{1d4d1}'.repeat(26)}${client.lines.length}${i}` })));
  ann.send(...many(7, () => ({ type: 'say', text: ESCAPED.repeat(8_000) })));
  ann.send(...many(200, () => ({ type: 'who' })), ...many(1_500, () => ({ type: 'nick', nick: 'bo' })));
  ann.send({ type: 'say', text: 'the end' });
  await ann.said('the end');
  await ann.count('members', 200);
  // As large as a text may be, and six times as large as a line.
  const { end } = await admin.ask({ type: 'dm', id: welcome.id, text: ESCAPED.repeat(16 * 1024) });
  expect(end).toMatchObject({ type: 'error', code: 'too_long' });
  await admin.ask({ type: 'dm', id: welcome.id, text: ESCAPED.repeat(8_000) });
  await ann.next('direct');
  for (const { client } of others) await client.drop();
  await ann.fence();
  check(ann.frames);
  for (const { client } of others) check(client.frames);
  admin.close();
});

it('to admins: lists, exports and events', async () => {
  const admin = await ControlClient.open(server, await server.adminToken());
  const watcher = await ControlClient.open(server, await server.adminToken());
  await watcher.ask({ type: 'watch' });
  const room = '\u{1d4d0}'.repeat(64);
  const { client: ann, welcome } = await WireClient.join(server, room, { nick: 'ann' });
  ann.send(...many(7, () => ({ type: 'say', text: ESCAPED.repeat(8_000) })));
  await ann.count('message', 7);
  await Promise.all(many(300, (i) => WireClient.join(server, `${'\u{1d4d1}'.repeat(56)}${i}`, { nick: `n${i}` })));
  for (const type of ['rooms', 'clients', 'verify', 'bans']) await admin.ask({ type });
  await admin.ask({ type: 'export', room });
  await admin.ask({ type: 'dm', id: welcome.id, text: ESCAPED.repeat(8_000) });
  await admin.ask({ type: 'dm', id: ESCAPED.repeat(60_000), text: 'x' });
  await watcher.line(({ event, error }) => event === 'control' && error === 'not_found');
  check([...admin.frames, ...watcher.frames]);
  expect(admin.frames.length).toBeGreaterThan(10);
  admin.close();
  watcher.close();
});
