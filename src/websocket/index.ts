// WebSockets, RFC 6455 and RFC 7692: what the other layers may use of this one.
export { type AcceptOptions, accept, refuse } from './accept.ts';
export { CloseCode } from './close-codes.ts';
export type { CompressionOptions } from './deflate-negotiation.ts';
export { type DialOptions, dial } from './dial.ts';
export { DialError, type DialErrorKind, type HttpResponse } from './dial-error.ts';
export type { ExtensionOffer } from './extension-header.ts';
export type { WebSocketHandler, WebSocketOptions } from './handler.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { FRAME_HEADROOM, PreparedMessage } from './prepared-message.ts';
export { checkUpgrade, type Handshake, isRefusal, type Refusal, type UpgradeRequest } from './upgrade-request.ts';
export { WebSocket } from './websocket.ts';
