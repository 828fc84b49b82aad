// A room's password is changed while people are in it: those who are there go on, whoever is out needs the new one, and
// nobody who was let in under the old one slips through.

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ControlClient } from '../../support/control-client.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

let server: ServerProcess;
let admin: ControlClient;
beforeAll(async () => {
  server = await startServer();
  admin = await ControlClient.open(server, await server.adminToken());
});
afterAll(() => server.stop());

const change = async (room: string, fields: object) => (await admin.ask({ type: 'password', room, ...fields })).end;
const resume = (id: string, key: string, attempt = 1) => ({ resume: { id, key, attempt } });

/** The error codes of a join that does not get in. */
async function refusals(room: string, fields: object, from = server): Promise<string[]> {
  const client = await WireClient.open(from, room);
  client.send({ type: 'join', ...fields });
  await client.closed;
  expect(client.of('welcome')).toEqual([]);
  return client.of('error').map(({ code }) => code);
}

it('those who are there go on, and come back with the key that they are sent, also after a crash', async () => {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-password-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const first = await startServer({ data });
  onTestFinished(async () => void (await first.stop()));
  const firstAdmin = await ControlClient.open(first, await first.adminToken());
  const out = await WireClient.join(first, 'r', { nick: 'out', password: 'old' });
  await out.client.drop();
  const ann = await WireClient.join(first, 'r', { nick: 'ann', password: 'old' });
  const bot = await WireClient.join(first, 'r', { nick: 'bot', password: 'old', as: 'speaker' });
  const { end } = await firstAdmin.ask({ type: 'password', room: 'r', password: 'new' });
  expect(end).toEqual({ type: 'done', ref: 1, room: 'r', protected: true, present: 1 });
  const { key } = await ann.client.next('key');
  const { key: keyOfBot } = await bot.client.next('key');
  expect(key).not.toBe(ann.welcome.key);
  await ann.client.say('still here');
  await first.stop('SIGKILL');
  const second = await startServer({ data });
  onTestFinished(async () => void (await second.stop()));
  for (const fields of [
    resume(out.welcome.id, out.welcome.key),
    resume(ann.welcome.id, ann.welcome.key),
    // A key is worth one id.
    resume(out.welcome.id, key),
  ]) {
    expect(await refusals('r', fields, second)).toEqual(['password_required']);
  }
  expect(await refusals('r', { password: 'old' }, second)).toEqual(['password_wrong']);
  const again = await WireClient.join(second, 'r', { nick: 'ann', ...resume(ann.welcome.id, key) });
  expect(again.welcome).toMatchObject({ id: ann.welcome.id, key, protected: true });
  const botAgain = await WireClient.join(second, 'r', { as: 'speaker', ...resume(bot.welcome.id, keyOfBot) });
  expect(botAgain.welcome.id).toBe(bot.welcome.id);
  // The one that was out knows the new password: it comes in as somebody new.
  const back = await WireClient.join(second, 'r', { password: 'new', ...resume(out.welcome.id, out.welcome.key) });
  expect(back.client.of('error').map(({ code }) => code)).toEqual(['resume_invalid']);
  expect(JSON.stringify(await readFile(join(data, 'rooms', 'r', 'room.json'), 'utf8'))).not.toContain('new"');
}, 60_000);

it('an open room can be given one, and it can be taken away again', async () => {
  const room = freshRoom();
  const ann = await WireClient.join(server, room, { nick: 'ann' });
  expect(await change(room, { password: 'p' })).toMatchObject({ type: 'done', protected: true, present: 1 });
  expect(await refusals(room, {})).toEqual(['password_required']);
  expect((await WireClient.join(server, room, { password: 'p' })).welcome.protected).toBe(true);
  const { key } = await ann.client.next('key');
  expect(await change(room, { none: true })).toMatchObject({ type: 'done', protected: false });
  const { welcome } = await WireClient.join(server, room, resume(ann.welcome.id, key));
  expect(welcome.protected).toBe(false);
  expect(welcome.id).not.toBe(ann.welcome.id);
  expect(await change(room, { none: true })).toMatchObject({ type: 'error', code: 'bad_request' });
});

it('a room that nobody is in can be given one', async () => {
  const room = freshRoom();
  const { client } = await WireClient.join(server, room);
  await client.leave();
  expect(await change(room, { password: 'p' })).toMatchObject({ type: 'done', present: 0 });
  expect(await refusals(room, {})).toEqual(['password_required']);
});

it('nobody slips in who was on the way with the old one: hashes are checked while it changes', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { password: 'old' });
  for (let round = 0; round < 2; round++) {
    const [before, after] = round % 2 === 0 ? ['old', 'new'] : ['new', 'old'];
    const from = (n: number) => ({ localAddress: `127.0.${round + 1}.${n + 1}` });
    const clients = await Promise.all(Array.from({ length: 4 }, (_, n) => WireClient.open(server, room, from(n))));
    const changing = change(room, { password: after });
    // Two are hashed at a time, the new one among them: the later ones are found right after it has changed.
    for (const client of clients) client.send({ type: 'join', password: before });
    expect((await changing).type).toBe('done');
    for (const client of clients) {
      const isIn = await client.next('welcome').then(
        () => true,
        () => false,
      );
      // Whoever was in before the change has been sent a new key.
      if (isIn) await client.next('key');
      else expect(['going_away', 'password_wrong']).toContain(client.of('error').at(-1)?.code);
    }
    await Promise.all(clients.map((client) => client.drop()));
  }
}, 60_000);

it('what cannot be one is refused in words, and nothing changes', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { password: 'p' });
  for (const [fields, sentence] of [
    [{}, /either a "password" or "none"/],
    [{ password: 'x', none: true }, /either a "password" or "none"/],
    [{ none: 'yes' }, /must be true or false/],
    [{ password: '' }, /1 to 128 bytes/],
    [{ password: 'é'.repeat(65) }, /1 to 128 bytes/],
    [{ password: 7 }, /must be a string/],
  ] as const) {
    const { type, code, message } = await change(room, fields);
    expect([type, code]).toEqual(['error', 'bad_request']);
    expect(message).toMatch(sentence);
  }
  expect(await change('never-made', { password: 'p' })).toMatchObject({ code: 'not_found' });
  expect(await refusals(room, {})).toEqual(['password_required']);
  await WireClient.join(server, room, { password: 'p' });
});

it('one that cannot be written holds, and says so', async () => {
  const room = freshRoom();
  await WireClient.join(server, room, { password: 'old' });
  const inTheWay = join(server.data, 'rooms', room, 'room.json.new');
  await mkdir(inTheWay);
  const { code, message } = await change(room, { password: 'new' });
  expect(code).toBe('not_saved');
  expect(message).toMatch(/^The new password is in force, but could not be written/);
  expect(await refusals(room, { password: 'old' })).toEqual(['password_wrong']);
  await rm(inTheWay, { recursive: true });
  expect(await change(room, { password: 'new' })).toMatchObject({ type: 'done' });
});
