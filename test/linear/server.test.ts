// Linear time, the server: what it reads of a request before it knows anybody, what it writes on its console, and what it
// does with a log. The commands themselves are in protocol.test.ts.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../src/protocol/index.ts';
import { AdminToken } from '../../src/server/access/admin-token.ts';
import { resumeKeyFits } from '../../src/server/access/identity.ts';
import { clientAddress } from '../../src/server/addresses/address.ts';
import { systemClock } from '../../src/server/common/clock.ts';
import { DEFAULT_LIMITS } from '../../src/server/common/limits.ts';
import { Door } from '../../src/server/doors/door.ts';
import { checkOrigin, isFromAnotherSite } from '../../src/server/http/origin.ts';
import { routeOf } from '../../src/server/http/routes.ts';
import type { ServerStatus } from '../../src/server/pages/metrics-text.ts';
import { httpHandler } from '../../src/server/pages/pages.ts';
import { roomPage } from '../../src/server/pages/room-page.ts';
import { saysOf } from '../../src/server/plain/body.ts';
import { credentialsOf } from '../../src/server/plain/credentials.ts';
import { eventsOf } from '../../src/server/plain/event-stream.ts';
import { keyOf } from '../../src/server/plain/keys.ts';
import { acceptsEvents, queryOf } from '../../src/server/plain/plain-rooms.ts';
import { isKnown, partOf } from '../../src/server/plain/ranges.ts';
import { formatText } from '../../src/server/reporting/console.ts';
import { encodeEvent, parseEvent, type ServerEvent } from '../../src/server/reporting/events.ts';
import { Metrics } from '../../src/server/reporting/metrics.ts';
import { ownLines } from '../../src/server/room/own-lines.ts';
import { checkUpgrade } from '../../src/websocket/upgrade-request.ts';
import { MemoryLog } from '../server/memory-log.ts';
import { fieldsOf, growsFaster, type Whole, type Work } from '../support/growth.ts';
import { PAGE_DOCUMENT } from '../support/page-document.ts';

const EVENTS = {
  started: { event: 'started', at: 0, url: 'http://x', others: ['http://y'], data: '/data', sync: 'off' },
  stopping: { event: 'stopping', at: 0, reason: 'SIGTERM' },
  stopped: { event: 'stopped', at: 0 },
  joined: {
    event: 'joined',
    at: 0,
    room: 'lobby',
    id: 'i',
    nick: 'bob',
    address: '::1',
    speaker: true,
    resumed: true,
    created: true,
  },
  left: { event: 'left', at: 0, room: 'lobby', id: 'i', nick: 'bob', code: 1000, reason: 'gone' },
  renamed: { event: 'renamed', at: 0, room: 'lobby', id: 'i', nick: 'bob', was: 'rob' },
  message: { event: 'message', at: 0, room: 'lobby', nick: 'bob', text: 'hi', line: '{}\n', elsewhere: true },
  notice: { event: 'notice', at: 0, room: 'lobby', text: 'hi', line: '{}\n', elsewhere: true },
  direct: { event: 'direct', at: 0, room: 'lobby', id: 'i', nick: 'bob', text: 'hi' },
  control: {
    event: 'control',
    at: 0,
    address: '::1',
    command: 'kick',
    room: 'lobby',
    id: 'i',
    target: 't',
    error: 'failed',
  },
  owner: { event: 'owner', at: 0, room: 'lobby', id: 'i', nick: 'ann', command: 'kick', target: 't', error: 'failed' },
  token_refused: { event: 'token_refused', at: 0, address: '::1', count: 1 },
  warning: { event: 'warning', at: 0, room: 'lobby', message: 'oh' },
} satisfies { readonly [E in ServerEvent as E['event']]: Whole<E> };

describe('an event', () => {
  it.each(fieldsOf(EVENTS))('$path', async ({ withText }) => {
    const work: Work = (text) => {
      const event = parseEvent(JSON.stringify(withText(text)));
      if (event !== undefined) return [formatText(event), encodeEvent(event)];
    };
    expect(await growsFaster(work)).toEqual([]);
  });
});

const token = new AdminToken('secret', systemClock);
const policy = { allowed: [new URL('https://chat.example.com')], loopbackOnly: true };
/** For health and metrics alone, which nobody asks for here. */
const status: ServerStatus = Object.create(null);

const SOUND = {
  Host: '127.0.0.1:8080',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
/** Every header that the server reads. Node gives their bytes as Latin-1. */
const HEADERS = [
  ...Object.keys(SOUND),
  'Origin',
  'Content-Length',
  'Transfer-Encoding',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'X-Forwarded-For',
  'Authorization',
  'If-None-Match',
  'If-Range',
  'Range',
  'Sec-Fetch-Site',
  'X-Nick',
  'Idempotency-Key',
  'Accept',
];

/** A request as Node hands it out, with this field in place of a sound one. */
function requestWith(name: string, value: string, url = '/rooms/lobby'): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.httpVersion = '1.1';
  request.url = url;
  for (const [key, text] of Object.entries({ ...SOUND, [name]: value })) {
    request.rawHeaders.push(key, text);
    request.headers[key.toLowerCase()] = text;
  }
  return request;
}

function ignoreRefused(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

describe('a request', () => {
  const door = new Door({ limits: DEFAULT_LIMITS, trustProxy: false, metrics: new Metrics() });
  const answer = httpHandler(status, door, {
    pages: { room: roomPage(PAGE_DOCUMENT), publicMetrics: false },
    origins: policy,
    trustProxy: false,
    headers: {},
    ban: () => undefined,
    plain: { say: () => {}, read: () => {} },
  });
  const look = (request: IncomingMessage): void => {
    checkUpgrade(request);
    checkOrigin(request, policy);
    token.check(request, clientAddress(request, true));
    routeOf(request.url ?? '');
    answer(request, new ServerResponse(request));
    isFromAnotherSite(request, policy);
    acceptsEvents(request);
    queryOf(request);
    isKnown('"tag"', request.headers['if-none-match']);
    partOf(new MemoryLog(), 1, request.headers);
    ignoreRefused(() => credentialsOf(request));
    ignoreRefused(() => keyOf(request.headers['idempotency-key']));
  };

  it.each(HEADERS)('with anything in %s', async (name) => {
    const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
    expect(await growsFaster((text) => look(requestWith(name, latin1(text))))).toEqual([]);
    expect(await growsFaster((text) => look(requestWith(name, `${SOUND.Host},${latin1(text)}`)))).toEqual([]);
  });

  it.each(['http://', 'http://xn--', 'https://chat.example.com:'])(
    'with an origin that begins as %s',
    async (start) => {
      expect(await growsFaster((text) => look(requestWith('Origin', start + text)))).toEqual([]);
      expect(await growsFaster((text) => look(requestWith('Host', start.slice(7) + text)))).toEqual([]);
    },
  );

  it('with any path', async () => {
    expect(await growsFaster((text) => look(requestWith('Host', SOUND.Host, `/${text}`)))).toEqual([]);
    expect(await growsFaster((text) => look(requestWith('Host', SOUND.Host, `/rooms/${text}`)))).toEqual([]);
    const escaped = (text: string): string => `/rooms/${encodeURIComponent(text.toWellFormed())}?${text}`;
    expect(await growsFaster((text) => look(requestWith('Host', SOUND.Host, escaped(text))))).toEqual([]);
  });

  it('with any ranges, user and query', async () => {
    const work: Work = (text) => {
      const latin1 = Buffer.from(text).toString('latin1');
      for (const value of [`bytes=${latin1}`, `bytes=1-${latin1}`]) look(requestWith('Range', value));
      const conditional = requestWith('Range', 'bytes=1-');
      conditional.headers['if-range'] = `"e.${latin1}.1"`;
      look(conditional);
      look(requestWith('Authorization', `Basic ${Buffer.from(text).toString('base64')}`));
      look(requestWith('Host', SOUND.Host, `/rooms/r/log?since=${encodeURIComponent(text.toWellFormed())}&${text}`));
    };
    expect(await growsFaster(work)).toEqual([]);
  });

  it.each(['text/plain', 'application/json'])('with any body of %s, whole and by line', async (type) => {
    const work: Work = (text) => {
      const bodies = [text, JSON.stringify({ text, ref: text })].map((body) => Buffer.from(body));
      for (const body of bodies) for (const byLine of [true, false]) ignoreRefused(() => saysOf(body, type, byLine));
      ignoreRefused(() => saysOf(Buffer.from('x'), text, false));
    };
    expect(await growsFaster(work)).toEqual([]);
  });

  it('with many headers', async () => {
    const work: Work = (text) => {
      const request = requestWith('Cookie', '');
      for (const [at, word] of text.split(/[^a]/).entries()) request.rawHeaders.push(`X-${word}-${at}`, word);
      look(request);
    };
    expect(await growsFaster(work)).toEqual([]);
  });
});

describe('a resumed client', () => {
  it('with any id and key', async () => {
    const secret = Buffer.alloc(32);
    expect(await growsFaster((text) => resumeKeyFits(secret, 'e', text, text))).toEqual([]);
  });
});

describe('a log', () => {
  it('with any texts, as a speaker reads it', async () => {
    const work: Work = (text) => ownLines(Buffer.from(`${`{"x":1,"id":"me","nick":"n"}${text}\n`.repeat(2)}`), 'me');
    expect(await growsFaster(work)).toEqual([]);
  });

  it('with any texts, as events', async () => {
    const work: Work = (text) => eventsOf(Buffer.from(`{"type":"message","seq":1,"text":"${text}"}\n`.repeat(2)));
    expect(await growsFaster(work)).toEqual([]);
  });
});
