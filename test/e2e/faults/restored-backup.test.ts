// A log that is put back to what it was once, and goes on from there: whoever has read the lines that are gone gets those
// which now have their numbers.

import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dialRoom } from '../../../src/cli/dialling.ts';
import { RoomSession } from '../../../src/client/index.ts';
import { ManualClock } from '../../client/manual-clock.ts';
import { Recorder } from '../../client/recorder.ts';
import { type LocalServer, startLocalServer } from '../../support/local-server.ts';
import { WireClient } from '../../support/wire-client.ts';
import type { Welcome } from '../../support/wire-lines.ts';

const BACKUP_LINES = 5;

interface Restored {
  readonly server: LocalServer;
  /** Of a client that had read everything before the log was put back. */
  readonly welcome: Welcome;
  /** When each line was said that was there before; the first has seq 1. */
  readonly times: readonly number[];
}

async function sayAll(server: LocalServer, texts: readonly string[], fields: object = {}) {
  const joined = await WireClient.join(server, 'lobby', fields);
  for (const text of texts) await joined.client.say(text);
  await joined.client.drop();
  return joined;
}

const numbered = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what} ${i + 1}`);

/** A room of ten lines that is put back to its first five, and in which others have been said since. */
async function restored(saidSince: number, password?: string): Promise<Restored> {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-restored-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const backup = join(folder, 'backup');
  const first = await startLocalServer({ data });
  const { client, welcome } = await sayAll(first, numbered('old', BACKUP_LINES), { password });
  await first.chat.rooms.closeAll();
  // The lock of the running server is no part of what is backed up, and Node's own copying stops at a socket.
  cpSync(data, backup, { recursive: true, filter: (path) => path !== join(data, 'lock') });
  await first.stop();
  const second = await startLocalServer({ data });
  const resume = { id: welcome.id, key: welcome.key, attempt: 1 };
  const more = await sayAll(second, numbered('lost', 5), { resume, since: BACKUP_LINES });
  await second.stop();

  rmSync(data, { recursive: true });
  cpSync(backup, data, { recursive: true });
  const server = await startLocalServer({ data });
  onTestFinished(() => server.stop());
  await sayAll(server, numbered('new', saidSince), { password });
  const times = [...client.of('message'), ...more.client.of('message')].map(({ at }) => at);
  return { server, welcome, times };
}

function resuming({ welcome, times }: Restored, seq: number, attempt = 2) {
  const { id, key, epoch } = welcome;
  return { since: seq, sinceAt: times[seq - 1], epoch, resume: { id, key, attempt } };
}

test('a reader whose line is another one now gets the room from its beginning, as the same client', async () => {
  const room = await restored(7, 'p');
  // Its key is for this log still: it needs no password.
  const { client, welcome } = await WireClient.join(room.server, 'lobby', resuming(room, 10));
  expect(client.types.slice(0, 2)).toEqual(['error', 'welcome']);
  expect(client.of('error')).toMatchObject([{ code: 'epoch_changed' }]);
  expect(welcome).toMatchObject({ after: 0, id: room.welcome.id });
  expect(client.of('message').map(({ text }) => text)).toEqual([...numbered('old', 5), ...numbered('new', 7)]);
});

test('a reader who was before the lines that are gone resumes where it was', async () => {
  const room = await restored(7);
  const { client, welcome } = await WireClient.join(room.server, 'lobby', resuming(room, 4));
  expect(client.of('error')).toEqual([]);
  expect(welcome).toMatchObject({ after: 4, afterAt: room.times[3] });
  expect(client.of('message').map(({ text }) => text)).toEqual(['old 5', ...numbered('new', 7)]);
});

test('a number that is in a gap of the log now is judged by when the line before it was said', async () => {
  const room = await restored(2);
  const log = join(room.server.data, 'rooms', 'lobby', 'log.ndjson');
  await room.server.stop();
  // Killed with another boot's mark: numbers go on far behind 7.
  writeFileSync(join(log, '..', 'open'), 'another boot\n0\n');
  const server = await startLocalServer({ data: room.server.data });
  onTestFinished(() => server.stop());
  await sayAll(server, ['far behind']);
  const { client } = await WireClient.join(server, 'lobby', resuming(room, 10));
  expect(client.of('error')).toMatchObject([{ code: 'epoch_changed' }]);
  expect(client.of('message').map(({ text }) => text)).toContain('new 1');
});

test('lines that a power loss took do not send their readers back to the beginning', async () => {
  const data = mkdtempSync(join(tmpdir(), 'roomchat-restored-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const first = await startLocalServer({ data, bootId: 'one' });
  const { client, welcome } = await sayAll(first, numbered('old', 5));
  const log = join(data, 'rooms', 'lobby', 'log.ndjson');
  const mark = readFileSync(join(log, '..', 'open'));
  await first.stop();
  const whole = client.of('message');
  const kept = client.raw.filter((line) => line.includes('"message"')).slice(0, 3);
  truncateSync(log, Buffer.byteLength(kept.join('')));
  writeFileSync(join(log, '..', 'open'), mark);
  const second = await startLocalServer({ data, bootId: 'two' });
  onTestFinished(() => second.stop());
  await sayAll(second, ['new']);
  const { id, key, epoch } = welcome;
  const again = await WireClient.join(second, 'lobby', {
    since: 5,
    sinceAt: whole[4]?.at,
    epoch,
    resume: { id, key, attempt: 1 },
  });
  expect(again.client.of('error')).toEqual([]);
  expect(again.client.of('message').map(({ text }) => text)).toEqual(['new']);
});

test('the real client shows each line that has an old number now', async () => {
  const { server } = await restored(0);
  const recorder = new Recorder();
  const clock = new ManualClock();
  const url = `${server.url.replace('http', 'ws')}/rooms/lobby`;
  const session = new RoomSession(
    { dial: dialRoom(url), nick: { name: 'reader', mayBeNumbered: true }, clock },
    recorder,
  );
  onTestFinished(() => session.leave());
  session.start();
  await recorder.until('live 5');
  for (const text of numbered('lost again', 5)) session.say(text);
  await recorder.until('seq 10');
  await server.stop();
  const log = join(server.data, 'rooms', 'lobby', 'log.ndjson');
  const lines = readFileSync(log, 'utf8').split('\n');
  truncateSync(log, Buffer.byteLength(`${lines.slice(0, 5).join('\n')}\n`));
  const again = await startLocalServer({ data: server.data, port: server.port });
  onTestFinished(() => again.stop());
  await sayAll(again, numbered('other', 6));
  clock.advance(60_000);
  await recorder.until('live 11');
  expect(recorder.shown.slice(-11)).toEqual([
    ...numbered('old', 5).map((text, i) => `${i + 1} ${text}`),
    ...numbered('other', 6).map((text, i) => `${i + 6} ${text}`),
  ]);
});
