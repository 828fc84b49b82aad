// A session's sockets and its clock on Node: what the command line takes of this layer. Programs get client.ts.

export { CLIENT_LIMITS, dialFailure, dialRoom, nodeClock, type Tls } from './dialling.ts';
export { transportTo } from './transport.ts';
