// An event for a console that keeps to itself what people say (`serve --no-texts`): who, where, when and how much stays.
// Must never let through a text of somebody's choosing but names: not a ref, nor the reason that a client left with.

import type { ServerEvent } from './events.ts';

/** For `formatText`. */
export function withoutText(event: ServerEvent): ServerEvent {
  switch (event.event) {
    case 'message':
    case 'notice':
    case 'direct':
      return { ...event, text: `(${Buffer.byteLength(event.text)} bytes)` };
    case 'left':
      return { ...event, reason: '' };
    default:
      return event;
  }
}

/** For `formatJson`: a text's place is taken by its size. */
export function textless(event: ServerEvent): Readonly<Record<string, unknown>> {
  switch (event.event) {
    case 'message':
    case 'notice': {
      const { seq, id }: { seq?: unknown; id?: unknown } = JSON.parse(event.line);
      const { line: _, text, ...rest } = event;
      return { ...rest, seq, id, bytes: Buffer.byteLength(text) };
    }
    case 'direct': {
      const { text, ...rest } = event;
      return { ...rest, bytes: Buffer.byteLength(text) };
    }
    default:
      return withoutText(event);
  }
}
