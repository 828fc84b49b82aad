// What a plain request gets: the room's page, health and metrics, or a refusal.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../../websocket/index.ts';
import { type ClientAddress, clientAddress } from '../addresses/address.ts';
import type { Door } from '../doors/door.ts';
import { beginAnswer, isAnswering } from '../http/answers.ts';
import { checkOrigin, namesThisMachine, type OriginPolicy } from '../http/origin.ts';
import * as refusals from '../http/refusals.ts';
import { type Route, routeOf } from '../http/routes.ts';
import type { ServerStatus } from './metrics-text.ts';
import { metricsText } from './metrics-text.ts';
import type { RoomPage } from './room-page.ts';

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
  /** Fields of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The refusal of an address that is banned from the server. */
  ban(address: ClientAddress): Refusal | undefined;
}

type Resource = { readonly kind: 'health' | 'metrics' } | { readonly kind: 'page'; readonly page: RoomPage };

export function httpHandler(status: ServerStatus, door: Door, options: HttpOptions) {
  const { trustProxy } = options;
  return (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
    // A proxy's connections are kept: whoever comes next needs them.
    if (!trustProxy && door.isCrowdedBy(clientAddress(request, false))) response.setHeader('Connection', 'close');
    const found = find(request, options);
    const result = (trustProxy && !('status' in found) && count(request, response, door)) || found;
    beginAnswer(request.socket, response);
    if ('status' in result) answer(response, result.status, `${result.message}\n`, result.headers);
    else if (result.kind === 'page') answerPage(response, result.page, request.headers['if-none-match']);
    else if (result.kind === 'health') health(response, status);
    else answer(response, 200, metricsText(status), { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
  };
}

/** PROTOCOL's order: 431, 400, 403, 404, 405, 426; after them come the door's 429 and 503. */
function find(request: IncomingMessage, options: HttpOptions): Resource | Refusal {
  if (request.rawHeaders.length / 2 > refusals.MOST_HEADERS) return refusals.tooManyHeaders;
  const route = routeOf(request.url ?? '');
  const origin = checkOrigin(request, options.origins);
  if (origin?.status === 400) return refusals.originRefused(origin);
  if (route.kind === 'malformed') return refusals.malformedPath;
  if (origin !== undefined) return refusals.originRefused(origin);
  // Never health and metrics: whoever looks after the server needs them.
  const isForClients = route.kind === 'room' || route.kind === 'home';
  const ban = isForClients ? options.ban(clientAddress(request, options.trustProxy)) : undefined;
  if (ban !== undefined) return ban;
  const resource = resourceOf(route, request, options);
  if (resource === undefined) return refusals.notFound;
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusals.onlyGet;
  return resource === 'web socket' ? refusals.onlyWebSocket : resource;
}

function resourceOf(
  { kind }: Route,
  request: IncomingMessage,
  options: HttpOptions,
): Resource | 'web socket' | undefined {
  const { room, publicMetrics } = options.pages;
  switch (kind) {
    case 'home':
      return room && { kind: 'page', page: room };
    case 'room':
      return room === undefined ? 'web socket' : { kind: 'page', page: room };
    case 'admin':
      return 'web socket';
    case 'health':
    case 'metrics':
      return publicMetrics || isLocal(request, options.trustProxy) ? { kind } : undefined;
    default:
      return undefined;
  }
}

/** From this machine, and not by a page that has rebound a name of its own to it. */
function isLocal(request: IncomingMessage, trustProxy: boolean): boolean {
  return clientAddress(request, trustProxy).isLoopback && namesThisMachine(request);
}

/** Counts a request that came through a proxy, for as long as it is under way. */
function count(request: IncomingMessage, response: ServerResponse, door: Door): Refusal | undefined {
  // A proxy sends no request before the last one is answered; of one that waited behind another the end is not told.
  if (isAnswering(request.socket)) return undefined;
  const address = clientAddress(request, true);
  const refusal = door.ask(address);
  if (refusal === undefined) response.once('close', () => door.answered(address));
  return refusal;
}

/** `known`: the entity tags of what the browser has. */
function answerPage(response: ServerResponse, { document, headers }: RoomPage, known: string | undefined): void {
  // RFC 9110 §13.1.2 and §15.4.5: a proxy that compressed the page has made its tag a weak one.
  const tags = known?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (headers.ETag === undefined || !tags?.includes(headers.ETag)) answer(response, 200, document, headers);
  else response.writeHead(304, headers).end();
}

function health(
  response: ServerResponse,
  { isStopping, isCutOff }: Pick<ServerStatus, 'isStopping' | 'isCutOff'>,
): void {
  if (isCutOff) answer(response, 503, 'the other servers cannot be reached\n');
  else if (isStopping) answer(response, 503, 'stopping\n');
  else answer(response, 200, 'ok\n');
}

function answer(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
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
