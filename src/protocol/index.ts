// roomchat.v1: the lines that go over the wire. Knows neither sockets nor files.

export { bytesText } from './bytes-text.ts';
export * from './commands.ts';
export * from './control.ts';
export * from './decode-lines.ts';
export { durationText, parseDuration } from './duration-text.ts';
export * from './encode-lines.ts';
export * from './error-codes.ts';
export {
  BadField,
  type Fields,
  objectItem,
  optionalBoolean,
  optionalCount,
  optionalObject,
  optionalString,
  parseObject,
  requiredArray,
  requiredCount,
  requiredString,
} from './fields.ts';
export * from './json-text.ts';
export * from './limits.ts';
export * from './lines.ts';
export * from './names.ts';
export * from './owner-commands.ts';
export * from './printable.ts';
export * from './settings.ts';
export { hasShape, type Shape } from './shape.ts';
export * from './text.ts';

/** The WebSocket subprotocol that a client may offer. */
export const SUBPROTOCOL = 'roomchat.v1';
