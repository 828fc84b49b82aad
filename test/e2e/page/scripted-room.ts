// A server that says whatever a test tells it, behind the real page: for what a real server never does, or does only
// at a moment that no test can hold on to. It knows none of the project's code but the page.

import { createServer } from 'node:http';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { roomPage } from '../../../src/server/pages/room-page.ts';
import { PAGE_DOCUMENT } from '../../support/page-document.ts';
import { type Browsers, live } from './browser.ts';

export interface ScriptedConnection {
  /** The next line of that type from the page. */
  next(type: string): Promise<Record<string, unknown>>;
  send(...lines: readonly object[]): void;
  close(code: number): void;
  readonly closed: Promise<void>;
}

export interface ScriptedRoom {
  readonly url: string;
  /** The next connection that the page makes. */
  connection(): Promise<ScriptedConnection>;
}

/** What a server says to somebody who joins a room without a history. */
export function welcome(fields: object = {}): object[] {
  const known = { protocol: 1, id: 'me', nick: 'bob', room: 'lobby', epoch: 'e1', seq: 0, after: 0, present: 1 };
  return [
    { type: 'welcome', ...known, created: false, protected: false, key: 'k', ...fields },
    { type: 'live', seq: 0 },
  ];
}

export async function scriptedRoom(): Promise<ScriptedRoom> {
  const { document, headers } = roomPage(PAGE_DOCUMENT);
  const http = createServer((_, response) => response.writeHead(200, headers).end(document));
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'roomchat.v1' });
  const connections = new Queue<ScriptedConnection>();
  sockets.on('connection', (socket) => connections.put(scripted(socket)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { url: `http://127.0.0.1:${address.port}/rooms/lobby`, connection: () => connections.take() };
}

/** A page that has joined a room without a history, and the server behind it. */
export async function enterScripted(
  browsers: Browsers,
  nick: string,
  options?: BrowserContextOptions,
): Promise<{ page: Page; server: ScriptedConnection }> {
  const room = await scriptedRoom();
  const page = await browsers.open(room.url, options);
  await page.getByLabel('Name', { exact: true }).fill(nick);
  await page.keyboard.press('Enter');
  const server = await room.connection();
  await server.next('join');
  server.send(...welcome({ nick }));
  await live(page);
  return { page, server };
}

function scripted(socket: WebSocket): ScriptedConnection {
  const lines = new Queue<Record<string, unknown>>();
  socket.on('message', (data) => {
    for (const line of data.toString().split('\n')) lines.put(JSON.parse(line));
  });
  return {
    next: async (type) => {
      for (;;) {
        const line = await lines.take();
        if (line.type === type) return line;
      }
    },
    send: (...sent) => socket.send(sent.map((line) => `${JSON.stringify(line)}\n`).join('')),
    close: (code) => socket.close(code),
    closed: new Promise((resolve) => socket.on('close', () => resolve())),
  };
}

class Queue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }
}
