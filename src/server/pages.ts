// What a plain GET gets: the room's page, health and metrics.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress } from './address.ts';
import type { ServerStatus } from './metrics-text.ts';
import { metricsText } from './metrics-text.ts';
import { checkOrigin, type OriginPolicy } from './origin.ts';
import { routeOf } from './routes.ts';
import type { RoomPage } from './web/page.ts';

export interface HttpPages {
  /** The page of a room, and of `/`, which asks for one; undefined where the server has none. */
  readonly room?: RoomPage;
  /** Health and metrics are answered to everybody, not only on this machine. */
  readonly publicMetrics: boolean;
}

export interface HttpOptions {
  readonly pages: HttpPages;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
}

export function httpHandler(status: ServerStatus, { pages, origins, trustProxy }: HttpOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'Only GET is answered here.\n', { Allow: 'GET, HEAD' });
      return;
    }
    const refusal = checkOrigin(request, origins);
    if (refusal !== undefined) {
      answer(response, refusal.status, `Refused: ${refusal.reason}.\n`);
      return;
    }
    const route = routeOf(request.url ?? '');
    if (route.kind === 'health' || route.kind === 'metrics') {
      if (!pages.publicMetrics && !clientAddress(request, trustProxy).isLoopback) notFound(response);
      else if (route.kind === 'health') health(response, status.isStopping);
      else answer(response, 200, metricsText(status), { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    } else if ((route.kind === 'room' || route.kind === 'home') && pages.room !== undefined) {
      answerPage(response, pages.room, request.headers['if-none-match']);
    } else if (route.kind === 'room' || route.kind === 'admin') {
      answer(response, 426, 'This is a WebSocket: use the roomchat command.\n', { Upgrade: 'websocket' });
    } else {
      notFound(response);
    }
  };
}

/** `known`: the entity tags of what the browser has. */
function answerPage(response: ServerResponse, { html, headers }: RoomPage, known: string | undefined): void {
  // RFC 9110 §13.1.2 and §15.4.5: a proxy that compressed the page has made its tag a weak one.
  const tags = known?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (headers.ETag === undefined || !tags?.includes(headers.ETag)) answer(response, 200, html, headers);
  else response.writeHead(304, headers).end();
}

function health(response: ServerResponse, isStopping: boolean): void {
  if (isStopping) answer(response, 503, 'stopping\n');
  else answer(response, 200, 'ok\n');
}

function notFound(response: ServerResponse): void {
  answer(response, 404, 'There is nothing here. Rooms are at /rooms/<name>.\n');
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
