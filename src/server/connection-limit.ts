// Bounds the connections that hold a descriptor without being a client: requests half written, refusals on their way out.
// Beyond it a connection is refused in the very call that accepts it, before the next: when a burst has used up the
// descriptors, the system only lets the process cut connections off without a word, and rooms cannot open their logs.

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { refuse } from '../websocket/index.ts';
import type { Metrics } from './metrics.ts';
import { full } from './refusals.ts';

/** The least and the most that wait beside the clients; between them, half as many as these. */
const FEWEST_WAITING = 8;
const MOST_WAITING = 4_096;

/** `clients`: how many connections may be clients at once. `secure`: nothing can be said before the TLS handshake. */
export function limitConnections(server: Server, clients: number, secure: boolean, metrics: Metrics): void {
  const most = clients + Math.min(MOST_WAITING, Math.max(FEWEST_WAITING, Math.floor(clients / 2)));
  if (secure) {
    server.maxConnections = most;
    return;
  }
  let open = 0;
  // One listener for all: what a connection keeps is multiplied by their number.
  const closed = () => {
    open--;
  };
  server.prependListener('connection', (socket: Socket) => {
    if (open < most) {
      open++;
      socket.on('close', closed);
      return;
    }
    metrics.refused(String(full.status));
    refuse(socket, full);
    // So short an answer is with the system by now; its descriptor is needed for the next.
    socket.destroy();
  });
}
