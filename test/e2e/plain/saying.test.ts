// What curl says to a room: as a speaker, once, under the limits of everybody, and never for a page of another site.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { run } from '../../support/command.ts';
import { type CurlAnswer, curl, curlTest } from '../../support/curl.ts';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

const NAMED = ['-H', 'X-Nick: bot'];

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomchat-plain-'));
  server = await startServer({ data: join(folder, 'data') });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (room: string): string => `${server.url}/rooms/${room}`;
const logOf = (room: string): Promise<string> => readFile(join(server.data, 'rooms', room, 'log.ndjson'), 'utf8');
const linesOf = (text: string): { text: string; id: string; nick: string; ref?: string }[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const textsOf = (text: string): string[] => linesOf(text).map((line) => line.text);

/** What a refusal is, in one row. */
const told = ({ status, headers, text }: CurlAnswer) => [status, headers.get('roomchat-error'), text.trim()];

curlTest('the body is said as it is, and the answer is the line of the log, which the members hear', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const first = await curl([...NAMED, '-d', 'deployed=1&ok', urlOf(room)]);
  expect([first.status, first.headers.get('content-type')]).toEqual([201, 'application/x-ndjson; charset=utf-8']);
  await ann.said('deployed=1&ok');
  expect(ann.raw.find((line) => line.includes('deployed'))).toBe(first.text);
  const second = await curl(['-u', 'böb:', '--data-binary', '@-', urlOf(room)], ' two\nlines \n\n');
  const third = await curl([
    '-d',
    '{"text":"as JSON","ref":"r1"}',
    '-H',
    'Content-Type: application/json',
    urlOf(room),
  ]);
  const more = await curl([...NAMED, '--data-binary', '@-', `${urlOf(room)}?lines`], 'one\r\n\n  \nthree\n');
  expect(linesOf(first.text + second.text + third.text + more.text)).toMatchObject([
    { nick: 'bot', text: 'deployed=1&ok' },
    { nick: 'böb', text: ' two\nlines \n' },
    { nick: expect.stringMatching(/^guest\d+$/), text: 'as JSON', ref: 'r1' },
    { nick: 'bot', text: 'one' },
    { nick: 'bot', text: 'three' },
  ]);
  expect(await logOf(room)).toBe(first.text + second.text + third.text + more.text);
  await ann.fence();
  expect(ann.types.filter((type) => type === 'joined' || type === 'left')).toEqual([]);
  await server.printed(new RegExp(`${room}: <bot> three`));
  // A name in the header counts for more than that of the user, and is UTF-8 as well.
  const named = await curl(['-H', 'X-Nick: zoë', '-u', 'x:', '-d', 'hi', urlOf(room)]);
  expect(linesOf(named.text)).toMatchObject([{ nick: 'zoë' }]);
});

curlTest('what cannot be said is refused with a sentence, and nothing of it is said', async () => {
  const room = freshRoom();
  const { client: ann } = await WireClient.join(server, room, { nick: 'ann' });
  const say = (...args: string[]) => curl([...args, urlOf(room)]).then(told);
  expect(await say('-d', '')).toEqual([400, 'bad_request', 'The body is empty: it is what is to be said.']);
  expect(await say('-d', 'x', '-H', 'X-Nick: ann')).toMatchObject({ 0: 409, 1: 'nick_taken' });
  expect(await say('-d', 'x', '-H', 'X-Nick: a b')).toMatchObject({ 0: 400, 1: 'bad_request' });
  expect(await say('-d', 'x', '-H', 'X-Nick: server')).toMatchObject({ 0: 400, 1: 'bad_request' });
  expect(await say('-d', 'x', '-H', 'Idempotency-Key;')).toMatchObject({ 0: 400, 1: 'bad_request' });
  expect(await say('-d', '{"text":1}', '-H', 'Content-Type: application/json')).toEqual([
    400,
    'bad_request',
    '"text" must be a string.',
  ]);
  expect(await say('-d', 'x'.repeat(16 * 1024 + 1))).toMatchObject({ 0: 413, 1: 'too_long' });
  expect(await say('-d', '\u0001'.repeat(16 * 1024))).toMatchObject({ 0: 413, 1: 'too_long' });
  expect(told(await curl(['--data-binary', '@-', urlOf(room)], Buffer.from('\xff', 'latin1')))).toEqual([
    400,
    'bad_request',
    'The body is not UTF-8.',
  ]);
  const long = `${'x'.repeat(17_000)}\n`;
  const byLine = ['--data-binary', '@-', `${urlOf(room)}?lines`];
  expect(told(await curl(byLine, `ok\n${long}`))).toMatchObject([413, 'too_long', expect.stringMatching(/^Line 2 is/)]);
  expect(told(await curl(byLine, 'x\n'.repeat(1_001)))).toMatchObject({ 0: 413, 1: 'too_long' });
  for (const headers of [[], ['-H', 'Transfer-Encoding: chunked']]) {
    expect((await curl([...headers, ...byLine], long.repeat(4))).status).toBe(413);
  }
  expect((await curl(['-d', 'x', `${server.url}/rooms/a%20b`])).status).toBe(400);
  expect((await curl(['-X', 'PUT', '-d', 'x', urlOf(room)])).headers.get('allow')).toBe('GET, HEAD, POST');
  expect(await logOf(room)).toBe('');
  await ann.leave();
});

curlTest('a password opens the room that it has made, and is slowed down as that of a join', async () => {
  const room = freshRoom();
  const say = (user: string, where = room) => curl(['-u', user, '-d', 'hi', urlOf(where)]);
  expect((await say('ann:s3:cret')).status).toBe(201);
  expect((await say('bob:s3:cret')).status).toBe(201);
  const none = await say('bob:');
  expect(told(none)).toMatchObject({ 0: 401, 1: 'password_required' });
  expect(none.headers.get('www-authenticate')).toBe('Basic realm="room", charset="UTF-8"');
  for (const guess of ['a', 'b', 'c'])
    expect(told(await say(`eve:${guess}`))).toMatchObject({ 0: 401, 1: 'password_wrong' });
  const slowed = await say('eve:d');
  expect(told(slowed)).toMatchObject({ 0: 429, 1: 'throttled' });
  expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
  const joining = await WireClient.open(server, room);
  joining.send({ type: 'join', password: 's3:cret' });
  expect(await joining.next('error')).toMatchObject({ code: 'throttled', retryAfter: expect.any(Number) });
  expect(textsOf(await logOf(room))).toEqual(['hi', 'hi']);
  // What is meant for those who know a password is not said where everybody reads.
  const open = freshRoom();
  await curl(['-d', 'open', urlOf(open)]);
  expect(told(await say('ann:s3cret', open))).toMatchObject({ 0: 412, 1: 'unprotected' });
  expect(textsOf(await logOf(open))).toEqual(['open']);
});

describe('an Idempotency-Key', () => {
  const keyed = (key: string, body: string, ...args: string[]) =>
    curl([...args, '-H', `Idempotency-Key: ${key}`, ...NAMED, '--data-binary', '@-'], body);

  curlTest('says it once, however many come at once, and for its nick and room alone', async () => {
    const room = freshRoom();
    const answers = await Promise.all(Array.from({ length: 4 }, () => keyed('k', 'once', urlOf(room))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([await logOf(room)]));
    expect((await keyed('k', 'twice', urlOf(room))).status).toBe(422);
    const lines = 'a\nb\nc\n';
    const many = await keyed('l', lines, `${urlOf(room)}?lines`);
    const again = await keyed('l', lines, `${urlOf(room)}?lines`);
    expect([many.status, again.status, again.text]).toEqual([201, 200, many.text]);
    const ids = [linesOf((await curl(['-H', 'Idempotency-Key: k', '-d', 'once', urlOf(room)])).text)[0]?.id];
    const other = freshRoom();
    ids.push(linesOf((await keyed('k', 'once', urlOf(other))).text)[0]?.id, linesOf(await logOf(room))[0]?.id);
    expect(new Set(ids).size).toBe(3);
    expect(textsOf(await logOf(room))).toEqual(['once', 'a', 'b', 'c', 'once']);
  });

  curlTest('finds its line after the server was killed, behind most of a MiB', async () => {
    const room = freshRoom();
    const first = await keyed('k', 'once', urlOf(room));
    const filler = `${'x'.repeat(16_000)}\n`.repeat(4);
    for (let i = 0; i < 15; i++) await curl(['--data-binary', '@-', `${urlOf(room)}?lines`], filler);
    const cut = await keyed('part', 'a\nb\n', `${urlOf(room)}?lines`);
    await server.stop('SIGKILL');
    server = await startServer({ data: server.data });
    const again = await keyed('k', 'once', urlOf(room));
    expect([again.status, again.text]).toEqual([200, first.text]);
    // Of a request that was said in part the rest is said.
    const rest = await keyed('part', 'a\nb\nc\n', `${urlOf(room)}?lines`);
    expect([rest.status, textsOf(rest.text)]).toEqual([201, ['a', 'b', 'c']]);
    expect(rest.text.startsWith(cut.text)).toBe(true);
    expect(textsOf(await logOf(room)).filter((text) => text.length < 10)).toEqual(['once', 'a', 'b', 'c']);
  });
});

curlTest('no page of another site can speak, nor read along', async () => {
  const room = freshRoom();
  const send = (...headers: string[]) => curl([...headers.flatMap((one) => ['-H', one]), '-d', 'forged', urlOf(room)]);
  for (const headers of [
    ['Origin: https://evil.example'],
    ['Origin: null'],
    ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'],
    ['Sec-Fetch-Site: cross-site', `Origin: ${server.url}`],
    ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'],
    ['Host: evil.example'],
  ]) {
    expect([headers, (await send(...headers)).status]).toEqual([headers, 403]);
  }
  expect((await curl([`${urlOf(room)}/log`])).status).toBe(404);
  expect((await send(`Origin: ${server.url}`, 'Sec-Fetch-Site: same-origin')).status).toBe(201);
  const read = (...args: string[]) => curl([...args, `${urlOf(room)}/log`]);
  expect((await read('-H', 'Sec-Fetch-Site: cross-site')).status).toBe(403);
  expect((await read('-H', 'Sec-Fetch-Site: cross-site', '-H', 'Sec-Fetch-Mode: navigate')).status).toBe(200);
});

curlTest('an address has its limits and its bans for curl and for `say` together', async () => {
  const args = ['--trust-proxy', '--max-hourly', '20K', '--max-room-size', '40K'];
  const proxied = await startServer({ args });
  onTestFinished(async () => void (await proxied.stop()));
  const from = (address: string) => ['-H', `X-Forwarded-For: ${address}`];
  const say = (address: string, body = 'x') =>
    curl([...from(address), '--data-binary', '@-', `${proxied.url}/rooms/r`], body);
  const headers = { 'X-Forwarded-For': '203.0.113.1' };
  const { client } = await WireClient.join(proxied, 'r', { as: 'speaker' }, { headers });
  for (const text of ['a', 'b']) await client.say(text.repeat(11_000));
  const full = await say('203.0.113.1');
  expect(told(full)).toMatchObject([503, 'not_saved', expect.stringContaining('Your address has written as much')]);
  expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await say('203.0.113.2', 'c'.repeat(16_000))).status).toBe(201);
  expect(told(await say('203.0.113.3', 'd'.repeat(3_000)))).toMatchObject([
    507,
    'not_saved',
    expect.stringContaining('This room is full'),
  ]);
  const admin = await run(['admin', 'ban', '203.0.113.2', 'spam', '--server', proxied.url], { env: proxied.env });
  expect(admin.exitCode).toBe(0);
  for (const path of ['r', 'r/log']) {
    const banned = await curl([
      ...from('203.0.113.2'),
      '-d',
      'x',
      ...(path === 'r' ? [] : ['-G']),
      `${proxied.url}/rooms/${path}`,
    ]);
    expect([banned.status, banned.headers.get('roomchat-error')]).toEqual([403, 'banned']);
  }
});
