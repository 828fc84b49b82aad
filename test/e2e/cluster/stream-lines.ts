// What a room's log is by its stream alone, read and judged apart from the code that serves it: a batch counts if and only if
// the message that it says it comes after is the one before it on the room's subject.

import { connect } from '@nats-io/transport-node';
import { shardOf, tokenOf } from '../../../src/cluster/subjects.ts';

const REQUEST_MS = 5_000;
const NO_MESSAGE = 10_037;

export interface StreamLog {
  /** The lines that count, one after the other. */
  readonly bytes: Buffer;
  readonly messages: number;
  /** Messages that do not count. */
  readonly voids: number;
}

interface Stored {
  readonly message?: { readonly seq: number; readonly hdrs?: string; readonly data?: string };
  readonly error?: { readonly err_code: number; readonly description: string };
}

/** Of a room that has had one epoch. Rejects where JetStream does not answer. */
export async function streamLog(urls: readonly string[], stream: string, room: string): Promise<StreamLog> {
  const connection = await connect({ servers: [...urls], timeout: REQUEST_MS });
  try {
    const parts: Buffer[] = [];
    let before = 0;
    let messages = 0;
    let voids = 0;
    for (;;) {
      const query = { seq: before + 1, next_by_subj: `chat.${shardOf(room)}.${tokenOf(room)}.*` };
      const api = `$JS.API.STREAM.MSG.GET.${stream}`;
      const answer = await connection.request(api, JSON.stringify(query), { timeout: REQUEST_MS });
      const { message, error } = answer.json<Stored>();
      if (error?.err_code === NO_MESSAGE) break;
      if (message === undefined) throw new Error(`${stream} cannot be read: ${error?.description}`);
      const fields = Buffer.from(message.hdrs ?? '', 'base64').toString();
      messages++;
      if (Number(/^Rc-After: (\d+)\r$/m.exec(fields)?.[1]) !== before) voids++;
      else parts.push(Buffer.from(message.data ?? '', 'base64'));
      before = message.seq;
    }
    return { bytes: Buffer.concat(parts), messages, voids };
  } finally {
    await connection.close();
  }
}
