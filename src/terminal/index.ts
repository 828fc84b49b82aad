// What a person sees and types. Knows the protocol's lines and the streams that it is given: no sockets, no session, and
// it never ends the process.

export { cellWidth } from './cell-width.ts';
export * from './chat-view.ts';
export { askHidden } from './hidden-prompt.ts';
export { UNSTYLED } from './style.ts';
export type { LocalEvent } from './transcript.ts';
export { wrap } from './wrap.ts';
