// A batch as a message of its room's subject: the very lines, and in headers where it belongs. It counts if and only if the
// message that it expects is the one before it: every node decides so by itself, and all decide alike.

import { headers, type MsgHdrs } from '@nats-io/transport-node';

/** A client that has come back: what an earlier attempt of it still has waiting anywhere must not come after this. */
export interface Fence {
  readonly id: string;
  readonly attempt: number;
}

export interface BatchHead {
  /** Stream sequence of the room's message before it; 0 where there is none. */
  readonly after: number;
  /** Of this encoding alone: node, boot and a counter. */
  readonly batch: string;
  /** The seq of the line before its first. */
  readonly base: number;
  readonly fences: readonly Fence[];
  /** The room ends here: nothing that comes after counts. */
  readonly isEnd: boolean;
}

export interface BatchMessage extends BatchHead {
  /** Its own stream sequence. */
  readonly sequence: number;
  readonly lines: Uint8Array;
}

const AFTER = 'Rc-After';
const BATCH = 'Rc-Batch';
const BASE = 'Rc-Base';
const FENCE = 'Rc-Fence';
const END = 'Rc-End';

export function encodeHead({ after, batch, base, fences, isEnd }: BatchHead): MsgHdrs {
  const fields = headers();
  fields.set('Nats-Expected-Last-Subject-Sequence', String(after));
  fields.set(AFTER, String(after));
  fields.set(BATCH, batch);
  fields.set(BASE, String(base));
  for (const { id, attempt } of fences) fields.append(FENCE, `${id} ${attempt}`);
  if (isEnd) fields.set(END, '1');
  return fields;
}

/** A stored message. What is not a batch of this version counts for nobody: its place is before no message. */
export function decodeMessage(sequence: number, fields: MsgHdrs | undefined, lines: Uint8Array): BatchMessage {
  const after = numberOf(fields?.get(AFTER));
  const base = numberOf(fields?.get(BASE));
  return {
    sequence,
    after: after ?? -1,
    batch: fields?.get(BATCH) ?? '',
    base: base ?? 0,
    fences: (fields?.values(FENCE) ?? []).flatMap(fenceOf),
    isEnd: fields?.has(END) ?? false,
    lines,
  };
}

function fenceOf(text: string): Fence[] {
  const space = text.lastIndexOf(' ');
  const attempt = numberOf(text.slice(space + 1));
  return space > 0 && attempt !== undefined ? [{ id: text.slice(0, space), attempt }] : [];
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
