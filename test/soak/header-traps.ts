// Headers that made others slow or fall over: each is answered within 5 ms of the server's processor time, on average.
// Usage: node test/support/run.js test/soak/header-traps.ts [--cycles REQUESTS]

import { processorMs } from '../support/process-figures.ts';
import { request, upgradeRequest } from '../support/raw-http.ts';
import { startServer } from '../support/server-process.ts';
import { soak } from './soak.ts';

const MOST_MS = 5;
const fill = (text: string): string => text.repeat(Math.floor(7_000 / text.length));

const traps: [name: string, headers: [string, string][]][] = [
  ['2,000 short headers', Array.from({ length: 2_000 }, () => ['a', ''])],
  ['an inherited extension', [['Sec-WebSocket-Extensions', 'constructor']]],
  ['a non-ASCII subprotocol', [['Sec-WebSocket-Protocol', 'r\u00f6m']]],
  ['__proto__ as a header', [['__proto__', 'x']]],
  ['blanks in the protocols', [['Sec-WebSocket-Protocol', `a${fill(' ')}b`]]],
  ['commas in the protocols', [['Sec-WebSocket-Protocol', fill(',')]]],
  ['a quoted string without end', [['Sec-WebSocket-Extensions', `permessage-deflate; x="${fill('\\"')}`]]],
  ['many offers', [['Sec-WebSocket-Extensions', `${fill('permessage-deflate,')}x`]]],
  ['a long origin', [['Origin', `http://${fill('a.')}`]]],
  ['a long path of addresses', [['X-Forwarded-For', fill('1.2.3.4,')]]],
];

await soak(1_000, async ({ cycles }) => {
  const server = await startServer();
  const counted: Record<string, number> = { requests: 0 };
  const violations: string[] = [];
  try {
    for (const [name, headers] of traps) {
      const before = processorMs(server.pid);
      const each = Math.ceil(cycles / traps.length);
      for (let i = 0; i < each; i++) {
        const raw = upgradeRequest(server.port, '/rooms/r');
        raw.headers.push(...headers);
        const { status } = await request(server.port, raw);
        counted[status] = (counted[status] ?? 0) + 1;
        counted.requests = (counted.requests ?? 0) + 1;
      }
      const milliseconds = (processorMs(server.pid) - before) / each;
      if (milliseconds > MOST_MS) violations.push(`${name} took ${milliseconds.toFixed(1)} ms`);
    }
    if (server.output().includes('internal error')) violations.push('the console tells of an internal error');
  } finally {
    await server.stop();
  }
  return { counted, violations };
});
