// A WebSocket server that echoes every message, for conformance suites that bring a client of their own:
// `node test/support/run.js test/support/echo-server.ts --port 9001`.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { accept, checkUpgrade, isRefusal, type Limits, refuse, type WebSocket } from '../../src/websocket/index.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '9001' }, host: { type: 'string', default: '127.0.0.1' } },
});

/** 16 MiB in fragments of 64 bytes. */
const limits: Limits = { maxMessage: 16 * 1024 * 1024, maxFragments: 262_144 };
/** Everything that a client may ask for; small messages are compressed too, so that suites see it. */
const compression = { serverNoContextTakeover: false, clientNoContextTakeover: false, compressFrom: 0 };
/** Suites may ping as often as they like. */
const controlRate = 1_000_000;
/** Echoes wait while so much output does. */
const MAX_OUTPUT = 1024 * 1024;

const server = createServer((_request, response) => response.writeHead(426).end());
server.on('upgrade', (request, socket, head) => {
  const handshake = checkUpgrade(request);
  if (isRefusal(handshake)) refuse(socket, handshake);
  else echo(accept(handshake, socket, head, { limits, compression, controlRate, protocol: handshake.protocols[0] }));
});
server.listen(Number(values.port), values.host, () => {
  process.stdout.write(`listening on ws://${values.host}:${values.port}\n`);
});

function echo(websocket: WebSocket): void {
  websocket.handler = {
    message(data, binary) {
      websocket.send(data, binary);
      if (websocket.bufferedBytes > MAX_OUTPUT) websocket.pause();
    },
    drained() {
      websocket.resume();
    },
    closed() {},
  };
}
