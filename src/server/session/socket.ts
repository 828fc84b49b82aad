// A connection as a session uses it: a WebSocket, or what stands for one. It says nothing before it has a handler, and hands
// over a message only while it is not paused, or as the first of all.

import type { WebSocket } from '../../websocket/index.ts';

export type SessionSocket = Pick<
  WebSocket,
  | 'bufferedBytes'
  | 'bytesReceived'
  | 'close'
  | 'compresses'
  | 'corked'
  | 'handler'
  | 'pause'
  | 'ping'
  | 'resume'
  | 'send'
  | 'sendFrame'
  | 'sendPrepared'
  | 'sharedWindowBits'
  | 'terminate'
>;
