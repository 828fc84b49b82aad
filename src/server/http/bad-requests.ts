// What is not a request at all, or not a whole one: answered once, where nothing else is being written, and closed.

import type { Duplex } from 'node:stream';
import { type Refusal, refuse } from '../../websocket/index.ts';
import { isAnswering } from './answers.ts';
import * as refusals from './refusals.ts';

/** A listener for the server's `clientError`; `headers` are fields of every answer. */
export function answerBadRequest(headers: Readonly<Record<string, string>>) {
  return (error: Error, socket: Duplex): void => {
    const refusal = refusalFor(error);
    if (refusal !== undefined && socket.writable && !isAnswering(socket)) {
      refuse(socket, { ...refusal, headers: { ...refusal.headers, ...headers } });
    }
    socket.destroy();
  };
}

/** Undefined for what does not concern HTTP: a reset connection, a failed TLS handshake. */
function refusalFor(error: Error): Refusal | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'HPE_HEADER_OVERFLOW') return refusals.headersTooLarge;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusals.tooSlow;
  return code.startsWith('HPE_') ? refusals.noRequest : undefined;
}
