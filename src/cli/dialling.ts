// Opens the socket that a control client is handed, and says in words why there is none. Never tries again.

import { ControlClient, ControlFailure, type DialFailure, type ServerAddress } from '../client/index.ts';
import { CLIENT_LIMITS, dialFailure, type Tls } from '../library/index.ts';
import { DialError, dial } from '../websocket/index.ts';

export { dialRoom, transportTo } from '../library/index.ts';

/** Without a token it only finds out whether there is a server that asks for one. Rejects with ControlFailure. */
export async function dialControl(
  { secure, host, prefix }: ServerAddress,
  token: string | undefined,
  tls: Tls,
  onLine: (line: string) => void,
): Promise<ControlClient> {
  try {
    const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
    const socket = await dial(`${secure ? 'wss' : 'ws'}://${host}${prefix}/admin`, {
      headers,
      limits: CLIENT_LIMITS,
      tls,
    });
    return new ControlClient(socket, onLine);
  } catch (error) {
    if (error instanceof DialError && error.response?.status === 401) {
      throw new ControlFailure('denied', 'The server refused the token.');
    }
    throw controlFailure(dialFailure(error));
  }
}

function controlFailure({ kind, message }: DialFailure): ControlFailure {
  if (kind === 'unreachable' || kind === 'overloaded') return new ControlFailure('unreachable', message);
  return new ControlFailure(kind === 'refused' || kind === 'untrusted' ? kind : 'protocol', message);
}
