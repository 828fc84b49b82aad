// What a plain GET gets: the room's page, health and metrics.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackAddress } from './address.ts';
import type { ServerStatus } from './metrics-text.ts';
import { metricsText } from './metrics-text.ts';
import { routeOf } from './routes.ts';

export interface HttpPages {
  /** The page of a room, with the headers that it needs; undefined where the server has none. */
  readonly room?: { readonly html: string; readonly headers: Readonly<Record<string, string>> };
  /** Health and metrics are answered to everybody, not only on this machine. */
  readonly publicMetrics: boolean;
}

export function httpHandler(status: ServerStatus, pages: HttpPages) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'Only GET is answered here.\n', { Allow: 'GET, HEAD' });
      return;
    }
    const route = routeOf(request.url ?? '');
    if (route.kind === 'health' || route.kind === 'metrics') {
      if (!pages.publicMetrics && !isLoopbackAddress(request.socket.remoteAddress ?? '')) notFound(response);
      else if (route.kind === 'health') health(response, status.isStopping);
      else answer(response, 200, metricsText(status), { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    } else if ((route.kind === 'room' || route.kind === 'home') && pages.room !== undefined) {
      answer(response, 200, pages.room.html, pages.room.headers);
    } else if (route.kind === 'room' || route.kind === 'admin') {
      answer(response, 426, 'This is a WebSocket: use the roomchat command.\n', { Upgrade: 'websocket' });
    } else {
      notFound(response);
    }
  };
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
