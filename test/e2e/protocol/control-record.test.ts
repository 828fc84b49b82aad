// Whatever an admin does is on the console and told to those who watch: which command, from where, what became of it.
// Never the token, and what a command says only where the console tells it anyway.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { openDataDirectory } from '../../../src/log/index.ts';
import { line } from '../../log/support-lines.ts';
import { ControlClient } from '../../support/control-client.ts';
import { startLocalServer } from '../../support/local-server.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

async function started(...args: string[]): Promise<{ server: ServerProcess; token: string }> {
  const server = await startServer({ args });
  onTestFinished(async () => void (await server.stop()));
  return { server, token: await server.adminToken() };
}

it('has an event for every command, also for one that fails, in the order in which they are done', async () => {
  const { server, token } = await started();
  const [admin, watcher] = [await ControlClient.open(server, token), await ControlClient.open(server, token)];
  await watcher.ask({ type: 'watch' });
  const { welcome } = await WireClient.join(server, 'lobby', { nick: 'ann' });
  const commands = [
    { type: 'broadcast', room: 'lobby', text: 'said to all' },
    { type: 'broadcast', room: '*', text: 'said to all' },
    { type: 'broadcast', room: 'nowhere', text: 'said to nobody' },
    { type: 'dm', id: welcome.id, text: 'said to ann' },
    { type: 'dm', id: 'zzzz', text: 'said to nobody' },
    { type: 'rooms' },
    { type: 'clients' },
    { type: 'clients', room: 'lobby' },
    { type: 'verify' },
    { type: 'verify', room: 'lobby' },
    { type: 'export', room: 'lobby' },
    { type: 'kick', id: welcome.id, reason: 'said to ann' },
    { type: 'delete', room: 'lobby' },
    { type: 'delete', room: 'nowhere' },
    { type: 'abracadabra', text: 'said to nobody' },
    { type: 'watch' },
  ];
  for (const command of commands) await admin.ask(command);
  const isLast = ({ event, command }: Record<string, unknown>) => event === 'control' && command === 'watch';
  await watcher.line((one) => isLast(one) && watcher.lines.filter(isLast).length === 2);
  const record = watcher.lines.filter(({ event }) => event === 'control').slice(1);
  const at = expect.any(Number);
  const did = (command: string, more: object = {}) => ({
    event: 'control',
    at,
    address: '127.0.0.1',
    command,
    ...more,
  });
  expect(record).toEqual([
    did('broadcast', { room: 'lobby' }),
    did('broadcast', { room: '*' }),
    did('broadcast', { room: 'nowhere', error: 'not_found' }),
    did('dm', { id: welcome.id }),
    did('dm', { id: 'zzzz', error: 'not_found' }),
    did('rooms'),
    did('clients'),
    did('clients', { room: 'lobby' }),
    did('verify'),
    did('verify', { room: 'lobby' }),
    did('export', { room: 'lobby' }),
    did('kick', { id: welcome.id }),
    did('delete', { room: 'lobby' }),
    did('delete', { room: 'nowhere', error: 'not_found' }),
    did('invalid', { error: 'bad_request' }),
    did('watch'),
  ]);
  await server.printed(/admin from 127\.0\.0\.1: watch\n.*admin from 127\.0\.0\.1: watch\n/s);
  const lines = server.output().split('\n');
  expect(lines.filter((text) => text.includes(' admin from ')).map((text) => text.slice(9))).toEqual(
    [
      'watch',
      'broadcast lobby',
      'broadcast *',
      'broadcast nowhere, refused: not_found',
      `dm ${welcome.id}`,
      'dm zzzz, refused: not_found',
      'rooms',
      'clients',
      'clients lobby',
      'verify',
      'verify lobby',
      'export lobby',
      `kick ${welcome.id}`,
      'delete lobby',
      'delete nowhere, refused: not_found',
      'invalid, refused: bad_request',
      'watch',
    ].map((what) => `admin from 127.0.0.1: ${what}`),
  );
  expect(server.output()).not.toContain('said to nobody');
  expect(server.output()).not.toContain(token);
});

it('has an event for a command whose admin left in the middle of the answer', async () => {
  const data = await mkdtemp(join(tmpdir(), 'roomchat-record-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  // More than the sockets between the two can hold.
  const directory = await openDataDirectory(data, { sync: 'off', report: () => {}, fatal: () => {} });
  const log = await directory.create('long', { created: 1 }, { durable: () => {}, late: () => {} });
  for (let seq = 1; seq <= 2_000; seq++) log.append(Buffer.from(line(seq, 'x'.repeat(16_000))), seq);
  await directory.close();
  const server = await startLocalServer({ data });
  onTestFinished(() => server.stop());
  const headers = { Authorization: `Bearer ${server.chat.directory.adminToken}` };
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/admin`, { headers });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.once('message', () => socket.terminate());
  socket.send(JSON.stringify({ type: 'export', ref: 1, room: 'long' }));
  const record = () => server.events.filter(({ event }) => event === 'control');
  while (record().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(record()).toEqual([
    expect.objectContaining({ command: 'export', room: 'long', address: '127.0.0.1', error: 'gone' }),
  ]);
});

it('tells of refused tokens and whence they came, in one line however many there are', async () => {
  const { server, token } = await started('--trust-proxy');
  const attempt = (authorization?: string): Promise<unknown> =>
    new Promise((resolve) => {
      const headers = { 'X-Forwarded-For': '203.0.113.9', ...(authorization && { Authorization: authorization }) };
      const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/admin`, { headers });
      socket.once('unexpected-response', (request, response) => {
        request.destroy();
        resolve(response.statusCode);
      });
      socket.on('error', () => {});
    });
  const statuses = [await attempt()];
  for (let i = 0; i < 8; i++) statuses.push(await attempt(`Bearer wrong-${i}`));
  expect(statuses).toContain(401);
  expect(statuses).toContain(429);
  // From an address of its own.
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/admin`, {
    headers: { 'X-Forwarded-For': '203.0.113.10', Authorization: `Bearer ${token}` },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'rooms', ref: 1 }));
  await server.printed(/admin from 203\.0\.113\.10: rooms\n/);
  expect(server.output().match(/control path.*/g)).toEqual([
    'control path refused a connection from 203.0.113.9: no valid token',
  ]);
  expect(server.output()).not.toContain('wrong-');
  socket.terminate();
});

it.each([
  ['text', (output: string) => expect(output).toContain('lobby: <ann> (12 bytes)\n')],
  [
    'json',
    (output: string) => {
      const events: Record<string, unknown>[] = output
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text));
      const at = expect.any(Number);
      const id = expect.any(String);
      expect(events.filter(({ bytes }) => bytes !== undefined)).toEqual([
        { event: 'message', at, room: 'lobby', seq: 1, id, nick: 'ann', bytes: 12 },
        { event: 'notice', at, room: 'lobby', seq: 2, bytes: 11 },
        { event: 'direct', at, room: 'lobby', id, nick: 'ann', bytes: 11 },
      ]);
    },
  ],
] as const)(
  'with --no-texts keeps what people say out of the console, and from nobody else: %s',
  async (format, check) => {
    const { server, token } = await started('--no-texts', '--log-format', format);
    const admin = await ControlClient.open(server, token);
    await admin.ask({ type: 'watch' });
    const { client, welcome } = await WireClient.join(server, 'lobby', { nick: 'ann' });
    await client.say('hush-hush é', 'hush-ref');
    await admin.ask({ type: 'broadcast', room: 'lobby', text: 'hush-hush a' });
    await admin.ask({ type: 'dm', id: welcome.id, text: 'hush-hush b' });
    client.socket.close(4000, 'hush-reason');
    await server.printed(/left/);
    await server.stop();
    expect(server.output()).not.toContain('hush');
    check(server.output());
    const heard = admin.lines.map((one) => one.text).filter((text) => text !== undefined);
    expect(heard).toEqual(['hush-hush é', 'hush-hush a', 'hush-hush b']);
  },
);
