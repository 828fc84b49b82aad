// --hsts: with TLS, browsers are told with every answer to come by HTTPS alone.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Certificates } from '../../support/certificates.ts';
import { run } from '../../support/command.ts';
import { hasProgram } from '../../support/program.ts';
import { upgradeRequest } from '../../support/raw-http.ts';
import { startServer } from '../../support/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'roomchat-hsts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The head of the answer to a request that is sent as it stands. */
async function head(port: number, text: string): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  socket.write(text);
  let received = '';
  for await (const chunk of socket) {
    received += chunk;
    if (received.includes('\r\n\r\n')) break;
  }
  return received.split('\r\n\r\n', 1)[0] ?? '';
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

function upgrade(port: number, path: string): string {
  const { headers } = upgradeRequest(port, path);
  return `GET ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

describe.skipIf(!hasProgram('openssl'))('with TLS', () => {
  const { cert, key } = new Certificates(folder).sign('good', 'IP:127.0.0.1');
  const start = async (...flags: string[]): Promise<number> => {
    const server = await startServer({ args: ['--tls-cert', cert, '--tls-key', key, ...flags] });
    onTestFinished(async () => void (await server.stop()));
    return server.port;
  };

  it('every answer has the field', async () => {
    const port = await start('--hsts', '600');
    const asked: [string, number][] = [
      [get('/rooms/lobby'), 200],
      [get('/nope'), 404],
      [get('/rooms/%zz'), 400],
      [upgrade(port, '/rooms/lobby'), 101],
      [upgrade(port, '/nope'), 404],
      [`GET / HTTP/1.1\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`, 431],
      ['NONSENSE\r\n\r\n', 400],
    ];
    for (const [text, status] of asked) {
      const answer = await head(port, text);
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer.match(/^strict-transport-security: max-age=600\r?$/gim)).toHaveLength(1);
    }
  });

  it('it says a year where no seconds are given, and nothing without the flag', async () => {
    expect(await head(await start('--hsts'), get('/'))).toContain('Strict-Transport-Security: max-age=31536000');
    expect(await head(await start(), get('/'))).not.toMatch(/strict-transport/i);
  });
});

it.each([
  [['--hsts'], /^roomchat: --hsts needs --tls-cert and --tls-key: [^\n]+let the proxy send it\.\n$/],
  [['--hsts', 'long'], /^roomchat: --hsts takes a whole number from 0 to \d+, not "long"\. [^\n]+\n$/],
])('serve refuses %j', async (flags, sentence) => {
  const ended = await run(['serve', '--port', '0', '--ephemeral', ...flags]);
  expect(ended.stderr).toMatch(sentence);
  expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
});
