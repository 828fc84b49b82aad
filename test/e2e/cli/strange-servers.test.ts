// Where the address leads to something that is not a roomchat server: a clear sentence, exit code 1 or 3, never a hang.

import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { run } from '../../support/command.ts';

const servers: { close(): unknown }[] = [];
const sockets = new Set<Socket>();

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

const webPage = () => createHttpServer((_, response) => response.end('<h1>Hello</h1>\u001b[31m'));
const elsewhere = () => createHttpServer((_, response) => response.writeHead(302, { Location: '/elsewhere' }).end());
const says = (text: string) => createServer((socket) => void socket.end(text));
const silent = () => createServer();
const hangsUp = () => createServer((socket) => void socket.destroy());
const chatter = () => {
  const server = createHttpServer();
  const sink = new WebSocketServer({ server });
  sink.on('connection', (socket) => socket.send('hello'));
  return server;
};

it.concurrent.each([
  ['a web server', webPage, 1, /That is not a roomchat server: it answered with HTTP status 200\./],
  ['a web server that leads elsewhere', elsewhere, 1, /HTTP status 302\./],
  ['garbage', () => says('SSH-2.0-OpenSSH_9.2\r\n'), 1, /not a roomchat server: the server does not speak HTTP\./],
  ['a half answer', () => says('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 1, /not a roomchat server/],
  ['a server that hangs up', hangsUp, 3, /cannot be reached: the server ended the connection without an answer/],
  ['a server that says nothing', silent, 3, /cannot be reached: the server did not answer in time\./],
  ['another WebSocket server', chatter, 1, /The server broke the protocol/],
] as const)('%s', async (_what, make, exitCode, sentence) => {
  const server = await listening(make());
  for (const args of [
    ['join', 'lobby'],
    ['say', 'lobby', 'hi'],
  ]) {
    const ended = await run([...args, '--server', server]);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr).toMatch(/^roomchat: [^\n\u001b]+\n$/);
    expect([ended.exitCode, ended.stdout]).toEqual([exitCode, '']);
  }
});
