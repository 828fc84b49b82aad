// A server with a certificate: who trusts it gets in, and everybody else is told why not.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Certificates } from '../../support/certificates.ts';
import { run } from '../../support/command.ts';
import { hasProgram } from '../../support/program.ts';
import { RawPeer } from '../../support/raw-http.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'roomchat-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasProgram('openssl'))('TLS', () => {
  const certificates = new Certificates(folder);
  const good = certificates.sign('good', 'DNS:localhost,IP:127.0.0.1');
  const flagsOf = ({ cert, key }: { cert: string; key: string }) => ['--tls-cert', cert, '--tls-key', key];
  const trusting = ['--ca', certificates.ca];
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startServer({ args: flagsOf(good) });
  });
  afterAll(() => server.stop());

  it.each([
    ['wss', '127.0.0.1'],
    ['https', '127.0.0.1'],
    ['wss', 'localhost'],
  ])('carries a room over %s://%s', async (scheme, host) => {
    const at = ['--server', `${scheme}://${host}:${server.port}`, ...trusting];
    expect(await run(['say', 'lobby', `by ${scheme} to ${host}`, ...at])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    await server.printed(new RegExp(`by ${scheme} to ${host}\n`));
    const rooms = await run(['admin', 'rooms', '--json', ...at], { env: server.env });
    expect(JSON.parse(rooms.stdout)).toMatchObject({ name: 'lobby' });
  });

  it('ends a handshake that does not come, and those under way when it stops', async () => {
    const other = await startServer({ args: flagsOf(good) });
    await (await RawPeer.open(other.port)).ended;
    const silent = await Promise.all(Array.from({ length: 5 }, () => RawPeer.open(other.port)));
    expect(await other.stop()).toBe(0);
    await Promise.all(silent.map(({ ended }) => ended));
  });

  it('says on its console that it is https', () => {
    expect(server.output()).toMatch(/listening on https:\/\/127\.0\.0\.1:\d+/);
  });

  it.each([
    ['join', 'lobby'],
    ['say', 'lobby', 'hi'],
    ['admin', 'rooms', '--token', 'x'],
  ])('is not trusted without --ca: %s', async (...args) => {
    const ended = await run([...args, '--server', `wss://127.0.0.1:${server.port}`]);
    expect(ended.stderr).toMatch(
      /^roomchat: The server cannot be reached securely: its certificate is not signed by anybody that this machine trusts\.[^\n]*--ca\.\n$/,
    );
    expect([ended.exitCode, ended.stdout]).toEqual([3, '']);
  });

  it.each([
    [
      'another host',
      () => certificates.sign('elsewhere', 'DNS:elsewhere.example'),
      /its certificate is for another host/,
    ],
    ['a time that is over', () => certificates.sign('expired', 'IP:127.0.0.1', -1), /its certificate has expired/],
  ])('is not trusted with a certificate for %s', async (_what, sign, reason) => {
    const other = await startServer({ args: flagsOf(sign()) });
    const ended = await run(['join', 'lobby', '--server', `wss://127.0.0.1:${other.port}`, ...trusting]);
    expect(ended.stderr).toMatch(reason);
    expect(ended.stderr).toMatch(/^roomchat: The server cannot be reached securely: [^\n]+\.\n$/);
    expect([ended.exitCode, ended.stdout]).toEqual([3, '']);
    await other.stop();
  });

  it('is told apart from a server without', async () => {
    const plain = await startServer();
    const tlsToPlain = await run(['join', 'lobby', '--server', `wss://127.0.0.1:${plain.port}`]);
    expect(tlsToPlain.stderr).toMatch(/cannot be reached securely: it does not speak TLS\./);
    const plainToTls = await run(['join', 'lobby', '--server', `ws://127.0.0.1:${server.port}`]);
    expect(plainToTls.stderr).toMatch(/the server ended the connection without an answer|not a roomchat server/);
    expect([tlsToPlain.exitCode, plainToTls.exitCode]).toEqual([3, 3]);
    await plain.stop();
  });

  it.each([
    [
      'the key of another',
      () => [good.cert, certificates.sign('other', 'IP:127.0.0.1').key],
      /The key in .*other\.key does not belong to the first certificate in .*good\.pem\./,
    ],
    ['a key as the certificate', () => [good.key, good.key], /good\.key holds no certificate in PEM\./],
    ['a certificate as the key', () => [good.cert, good.cert], /good\.pem holds no private key in PEM/],
    [
      'a file that is not there',
      () => [join(folder, 'nowhere'), good.key],
      /The certificate file .*nowhere cannot be read: no such file/,
    ],
  ])('serve refuses %s', async (_what, files, sentence) => {
    const [cert = '', key = ''] = files();
    const ended = await run(['serve', '--port', '0', '--ephemeral', '--tls-cert', cert, '--tls-key', key], {
      env: server.env,
    });
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).toMatch(/^roomchat: [^\n]+\n$/);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
  });

  it.each(['join', 'say'])('%s refuses a --ca that holds no certificate', async (command) => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, 'nothing\n');
    const at = ['--server', `wss://127.0.0.1:${server.port}`, '--ca'];
    const ended = await run([command, 'lobby', ...at, empty]);
    expect(ended.stderr).toMatch(/^roomchat: .*empty holds no certificate in PEM\.\n$/);
    expect(ended.exitCode).toBe(2);
    expect((await run([command, 'lobby', ...at, join(folder, 'nowhere')])).exitCode).toBe(2);
  });
});
