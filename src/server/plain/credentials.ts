// Who a request without a WebSocket says it is: by X-Nick, or by basic authentication, whose password is the room's. What
// of it is allowed the join decides.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ProtocolError } from '../../protocol/index.ts';

export interface Credentials {
  readonly nick?: string;
  readonly password?: string;
}

/** Throws ProtocolError `bad_request`. Other schemes than basic are not meant for this server, and left alone. */
export function credentialsOf({ headers }: Pick<IncomingMessage, 'headers'>): Credentials {
  const named = headers['x-nick'];
  // Node gives the bytes of a field as Latin-1.
  const nick = named === undefined ? '' : utf8(Buffer.from(String(named), 'latin1'), 'X-Nick');
  const [scheme = '', ...rest] = (headers.authorization ?? '').split(' ');
  const given = scheme.toLowerCase() === 'basic' ? utf8(Buffer.from(rest.join(''), 'base64'), 'The user') : '';
  // RFC 7617 §2: a name holds no colon, a password may.
  const colon = given.indexOf(':');
  const user = colon === -1 ? given : given.slice(0, colon);
  const password = colon === -1 ? '' : given.slice(colon + 1);
  return {
    ...((nick || user) !== '' && { nick: nick || user }),
    ...(password !== '' && { password }),
  };
}

function utf8(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw new ProtocolError('bad_request', `${what} is not UTF-8.`);
  return bytes.toString();
}
