// What a plain request gets: the room's page, what programs ask of a room, health and metrics, or a refusal.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../../websocket/index.ts';
import { type ClientAddress, clientAddress } from '../addresses/address.ts';
import type { Door } from '../doors/door.ts';
import { answer, beginAnswer, isAnswering } from '../http/answers.ts';
import { checkOrigin, isFromAnotherSite, namesThisMachine, type OriginPolicy } from '../http/origin.ts';
import * as refusals from '../http/refusals.ts';
import { type Route, routeOf } from '../http/routes.ts';
import { webManifest } from './manifest.ts';
import type { ServerStatus } from './metrics-text.ts';
import { metricsText } from './metrics-text.ts';
import { roomList } from './room-list.ts';
import type { RoomPage } from './room-page.ts';

export interface HttpPages {
  /** The page of a room, and of `/`, which asks for one; undefined where the server has none. */
  readonly room?: RoomPage;
  /** Whoever asks is told which rooms are open. */
  readonly listsRooms?: boolean;
  /** Health and metrics are answered to everybody, not only on this machine. */
  readonly publicMetrics: boolean;
}

/** Answers a request to a room of that name, which is not yet checked. */
export type RoomAnswer = (request: IncomingMessage, response: ServerResponse, room: string) => void;

export interface HttpOptions {
  /** What programs ask of a room. */
  readonly plain: { readonly say: RoomAnswer; readonly read: RoomAnswer };
  readonly pages: HttpPages;
  readonly origins: OriginPolicy;
  readonly trustProxy: boolean;
  /** Fields of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The refusal of an address that is banned from the server. */
  ban(address: ClientAddress): Refusal | undefined;
}

type Resource =
  | { readonly kind: 'health' | 'metrics' | 'list' }
  | { readonly kind: 'page'; readonly page: RoomPage }
  | { readonly kind: 'say' | 'read'; readonly room: string };

export function httpHandler(status: ServerStatus, door: Door, options: HttpOptions) {
  const { trustProxy } = options;
  return (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
    // A proxy's connections are kept: whoever comes next needs them.
    if (!trustProxy && door.isCrowdedBy(clientAddress(request, false))) response.setHeader('Connection', 'close');
    const found = find(request, options);
    // Who reads a log is a client at once, and counted as one.
    const isCounted = trustProxy && !('status' in found) && found.kind !== 'read';
    const result = (isCounted && count(request, response, door)) || found;
    beginAnswer(request.socket, response);
    if ('status' in result) answer(response, result.status, `${result.message}\n`, result.headers);
    else if (result.kind === 'page') answerPage(response, result.page, request.headers['if-none-match']);
    else if (result.kind === 'list') answerPage(response, roomList(status.rooms), undefined);
    else if (result.kind === 'say' || result.kind === 'read')
      options.plain[result.kind](request, response, result.room);
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
  const isForClients = ['room', 'log', 'home', 'list'].includes(route.kind);
  const ban = isForClients ? options.ban(clientAddress(request, options.trustProxy)) : undefined;
  if (ban !== undefined) return ban;
  const resource = resourceOf(route, request, options);
  if (resource === undefined) return refusals.notFound;
  if (resource !== 'web socket' && (resource.kind === 'say' || resource.kind === 'read')) {
    return refusalToProgram(request, resource.kind, options) ?? resource;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return route.kind === 'room' ? refusals.onlyGetOrPost : refusals.onlyGet;
  }
  return resource === 'web socket' ? refusals.onlyWebSocket : resource;
}

/** What else holds for a request that becomes a client. */
function refusalToProgram(
  request: IncomingMessage,
  kind: 'say' | 'read',
  { origins }: HttpOptions,
): Refusal | undefined {
  const isLink = kind === 'read' && request.headers['sec-fetch-mode'] === 'navigate';
  if (!isLink && isFromAnotherSite(request, origins)) return refusals.anotherSite;
  if (kind === 'read' && request.method !== 'GET' && request.method !== 'HEAD') return refusals.onlyGet;
  return isAnswering(request.socket) ? refusals.tooEarly : undefined;
}

function resourceOf(route: Route, request: IncomingMessage, options: HttpOptions): Resource | 'web socket' | undefined {
  const { room, listsRooms, publicMetrics } = options.pages;
  const { kind } = route;
  switch (kind) {
    case 'home':
      return room && { kind: 'page', page: room };
    case 'log':
      return { kind: 'read', room: route.name };
    case 'list':
      return listsRooms ? { kind } : undefined;
    case 'manifest':
      return room && { kind: 'page', page: webManifest };
    case 'room':
      if (request.method === 'POST') return { kind: 'say', room: route.name };
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
