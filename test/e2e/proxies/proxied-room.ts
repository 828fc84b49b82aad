// A room behind a proxy: everybody in it speaks and listens through the proxy, and what comes out is compared.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Command, run } from '../../support/command.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ProxyName, startProxy } from '../../support/proxy-process.ts';
import { startServer } from '../../support/server-process.ts';

/** Not the address that everything on this machine comes from, and still on it. */
const ANOTHER_ADDRESS = '127.0.0.2';
const PATIENCE_MS = 20_000;

export async function proxiedRoom(name: ProxyName, messages: number): Promise<Outcome> {
  const violations: string[] = [];
  const server = await startServer({ args: ['--trust-proxy', '--rate', '0'] });
  const proxy = await startProxy(name, [server.port]);
  const stranger = new WebSocket(`${proxy.url.replace('http', 'ws')}/rooms/lobby`, {
    localAddress: ANOTHER_ADDRESS,
    headers: { 'X-Forwarded-For': '203.0.113.9' },
    handshakeTimeout: PATIENCE_MS,
  });
  const texts: string[] = [];
  let heard = (): void => {};
  stranger.on('message', (data) => {
    for (const line of data.toString().trimEnd().split('\n')) {
      const { type, text } = JSON.parse(line);
      if (type === 'message') texts.push(text);
    }
    heard();
  });
  await new Promise((resolve, reject) => stranger.once('open', resolve).once('error', reject));
  if (!stranger.extensions.includes('permessage-deflate')) violations.push('no compression was negotiated');
  stranger.send('{"type":"join","nick":"stranger"}\n');
  await server.printed(/lobby: stranger joined/);

  const member = new Command(['join', 'lobby', '--nick', 'member', '--json', '--server', proxy.url]);
  await server.printed(/lobby: member joined/);
  const clients = await run(['admin', 'clients', '--json', '--server', server.url], { env: server.env });
  const addresses = clients.stdout
    .match(/"address":"[^"]+"/g)
    ?.sort()
    .join(' ');
  if (addresses !== `"address":"127.0.0.1" "address":"${ANOTHER_ADDRESS}"`) {
    violations.push(`the addresses are ${addresses}`);
  }

  const wanted = Array.from({ length: messages }, (_, index) => `${index} ${'the same words again '.repeat(20)}`);
  const said = await run(['say', 'lobby', '--server', proxy.url], { input: wanted.join('\n') });
  if (said.exitCode !== 0) violations.push(`say ended with ${said.exitCode}: ${said.stderr}`);
  await new Promise<void>((resolve, reject) => {
    const late = () => reject(new Error(`The stranger heard ${texts.length} of ${messages}.`));
    const timer = setTimeout(late, PATIENCE_MS);
    heard = () => {
      if (texts.length < messages) return;
      clearTimeout(timer);
      resolve();
    };
    heard();
  });
  await member.printed('stdout', new RegExp(`"seq":${messages},`));
  if (texts.join('\n') !== wanted.join('\n')) violations.push('what the stranger heard is not what was said');
  const log = await readFile(join(server.data, 'rooms', 'lobby', 'log.ndjson'), 'utf8');
  const lines = member.stdout.split('\n').filter((line) => line.startsWith('{"type":"message"'));
  if (`${lines.join('\n')}\n` !== log) violations.push("the member's lines are not those of the log");

  stranger.terminate();
  await member.stop();
  await proxy.stop();
  await server.stop();
  return { counted: { [`messages through ${name}`]: texts.length, logged: log.split('\n').length - 1 }, violations };
}
