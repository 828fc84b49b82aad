// What is asked of NATS JetStream for the rooms' streams, by plain requests: make the streams, append with a comparison, read
// on, find the end. Says what each answer means, and decides nothing.
// Documentation: the JetStream wire API reference, and ADR-31 (direct get) of the NATS architecture.

import {
  createInbox,
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
} from '@nats-io/transport-node';
import { type BatchMessage, decodeMessage } from './batch-message.ts';
import { type Names, SHARDS } from './subjects.ts';

/** What became of an append. */
export type Appended =
  | { readonly kind: 'stored' }
  /** `last`: the room's last message, as the server that answered knows it. */
  | { readonly kind: 'not next'; readonly last: number }
  /** Another append of this room is being decided. */
  | { readonly kind: 'busy' }
  /** Nothing has it: there is no leader now. */
  | { readonly kind: 'nobody' }
  /** Nobody can tell. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'full'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

const SETUP_MS = 3_000;
/** Servers that have just been started choose a leader first. */
const READY_WITHIN_MS = 30_000;
const READY_RETRY_MS = 250;
const MAX_MESSAGE_BYTES = 1024 * 1024;
const READ_BATCH = 500;
const READ_BYTES = 4 * 1024 * 1024;
/** Between two messages of one read. */
const READ_STALL_MS = 3_000;
/** A stream's bound on bytes: the largest of these that the server has room for. */
const STREAM_BYTES = [4096, 1024, 256, 64, 16, 4].map((mebibytes) => mebibytes * 1024 * 1024);

const NOT_NEXT = 10_071;
const BEING_DECIDED = 10_164;
const FULL = new Set([10_077, 10_023, 10_047]);
const PASSING = new Set([10_005, 10_008, 10_118]);
const NO_MESSAGE = 10_037;
const NAME_IN_USE = 10_058;
const NO_REPLICAS_ALONE = 10_074;
const NO_STREAM = 10_059;

interface Bounds {
  readonly num_replicas: number;
  readonly max_bytes: number;
}

interface ApiError {
  readonly code: number;
  readonly err_code?: number;
  readonly description: string;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** JetStream's own number of it. */
  readonly number: number | undefined;

  constructor({ description, err_code }: ApiError) {
    super(`NATS: ${description}`);
    this.number = err_code;
  }
}

export class Engine {
  readonly #connection: NatsConnection;
  readonly #names: Names;

  constructor(connection: NatsConnection, names: Names) {
    this.#connection = connection;
    this.#names = names;
  }

  /**
   * Makes the streams that are not there, once the servers have a leader among them. Rejects with EngineError, and with what a
   * connection rejects with.
   */
  async makeStreams(): Promise<void> {
    const last = SHARDS - 1;
    if (await untilReady(() => this.#hasStream(this.#names.stream(last)))) return;
    const bounds = await untilReady(() => this.#findBounds());
    // The last one last: where it is, all are.
    await Promise.all(Array.from({ length: last }, (_, shard) => untilReady(() => this.#makeStream(shard, bounds))));
    await untilReady(() => this.#makeStream(last, bounds));
  }

  /** Appends one message to a room if the headers' expectation holds; unknown after so many milliseconds. Never rejects. */
  async append(subject: string, fields: MsgHdrs, lines: Uint8Array, timeout: number): Promise<Appended> {
    let answer: Msg;
    try {
      answer = await this.#connection.request(subject, lines, { timeout, headers: fields });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return isNobody(error) ? { kind: 'nobody' } : { kind: 'unknown', reason };
    }
    const { error } = answer.json<{ error?: ApiError }>();
    if (error === undefined) return { kind: 'stored' };
    const { err_code: number = 0, description: reason } = error;
    if (number === NOT_NEXT) return { kind: 'not next', last: Number(/(\d+)\s*$/.exec(reason)?.[1] ?? 0) };
    if (number === BEING_DECIDED) return { kind: 'busy' };
    if (FULL.has(number)) return { kind: 'full', reason };
    if (error.code === 503 || PASSING.has(number)) return { kind: 'unknown', reason };
    return { kind: 'refused', reason };
  }

  /** Whether NATS decides on what is written to it now. Never rejects. */
  async isDeciding(subject: string): Promise<boolean> {
    const { kind } = await this.append(subject, headers(), new Uint8Array(), SETUP_MS);
    return kind !== 'nobody' && kind !== 'unknown';
  }

  /**
   * Reads a room's messages whose stream sequence is above `after`, in their order, as one replica has them. Rejects where it
   * stalls; what was read counts.
   */
  async read(stream: string, subject: string, after: number, each: (message: BatchMessage) => void): Promise<void> {
    for (let next = after + 1; ; ) {
      const { last, isDone } = await this.#readSome(stream, subject, next, each);
      if (last === undefined || isDone) return;
      next = last + 1;
    }
  }

  /** The room's first message above `after`, as the leader has it; undefined where there is none. */
  async next(stream: string, subject: string, after: number): Promise<number | undefined> {
    try {
      const { message } = await this.#api<{ message: { seq: number } }>(`STREAM.MSG.GET.${stream}`, {
        seq: after + 1,
        next_by_subj: subject,
      });
      return message.seq;
    } catch (error) {
      if (error instanceof EngineError && error.number === NO_MESSAGE) return undefined;
      throw error;
    }
  }

  /** The room's last message, as one replica has it; undefined where there is none. */
  async last(stream: string, subject: string): Promise<BatchMessage | undefined> {
    const answer = await this.#connection.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, '', {
      timeout: SETUP_MS,
    });
    const { headers: fields, data } = answer;
    const sequence = Number(fields?.get('Nats-Sequence') ?? 0);
    return sequence === 0 ? undefined : decodeMessage(sequence, fields, data);
  }

  /** Takes away a room's messages but the last, which is its end. */
  async purge(stream: string, subject: string): Promise<void> {
    await this.#api(`STREAM.PURGE.${stream}`, { filter: subject, keep: 1 });
  }

  async #hasStream(name: string): Promise<boolean> {
    try {
      await this.#api(`STREAM.INFO.${name}`, {});
      return true;
    } catch (error) {
      if (error instanceof EngineError && error.number === NO_STREAM) return false;
      throw error;
    }
  }

  /** How many copies the servers can hold, and how large a stream may become so that all of them have room. */
  async #findBounds(): Promise<Bounds> {
    const replicas = [3, 1];
    const sizes = [...STREAM_BYTES];
    const name = `PROBE_${createInbox().replaceAll('.', '_')}`;
    for (;;) {
      const bounds = { num_replicas: replicas[0] ?? 1, max_bytes: sizes[0] ?? 0 };
      try {
        const max_bytes = bounds.max_bytes * (SHARDS + 1);
        await this.#api(`STREAM.CREATE.${name}`, { ...bounds, name, subjects: [name], storage: 'file', max_bytes });
        await this.#api(`STREAM.DELETE.${name}`, {});
        return bounds;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        if (error.number === NO_REPLICAS_ALONE && replicas.length > 1) replicas.shift();
        else if (/insufficient storage/.test(error.message) && sizes.length > 1) sizes.shift();
        else throw error;
      }
    }
  }

  async #makeStream(shard: number, bounds: Bounds): Promise<void> {
    const config = {
      ...bounds,
      name: this.#names.stream(shard),
      subjects: [this.#names.subjects(shard)],
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      max_msg_size: MAX_MESSAGE_BYTES,
      max_consumers: -1,
      max_msgs: -1,
      max_age: 0,
      allow_direct: true,
      deny_delete: true,
      republish: this.#names.republished,
    };
    try {
      await this.#api(`STREAM.CREATE.${config.name}`, config);
    } catch (error) {
      // Another node was first.
      if (!(error instanceof EngineError) || error.number !== NAME_IN_USE) throw error;
    }
  }

  #readSome(
    stream: string,
    subject: string,
    from: number,
    each: (message: BatchMessage) => void,
  ): Promise<{ last: number | undefined; isDone: boolean }> {
    const inbox = createInbox();
    return new Promise((resolve, reject) => {
      let last: number | undefined;
      const stalled = () => settle(() => reject(new Error('NATS does not go on with what was asked for.')));
      let timer = setTimeout(stalled, READ_STALL_MS);
      const settle = (how: () => void) => {
        clearTimeout(timer);
        subscription.unsubscribe();
        how();
      };
      const subscription = this.#connection.subscribe(inbox, {
        callback: (error, message) => {
          clearTimeout(timer);
          timer = setTimeout(stalled, READ_STALL_MS);
          if (error) {
            settle(() => reject(error));
            return;
          }
          const { headers: fields, data } = message;
          const sequence = Number(fields?.get('Nats-Sequence') ?? 0);
          if (fields !== undefined && fields.code >= 200 && sequence === 0) {
            const pending = Number(fields.get('Nats-Num-Pending') || 0);
            if (fields.code === 204 || fields.code === 404) settle(() => resolve({ last, isDone: pending === 0 }));
            else settle(() => reject(new Error(`NATS: ${fields.description}`)));
            return;
          }
          last = sequence;
          try {
            each(decodeMessage(sequence, fields, data));
          } catch (broken) {
            settle(() => reject(broken));
          }
        },
      });
      const request = { seq: from, next_by_subj: subject, batch: READ_BATCH, max_bytes: READ_BYTES };
      this.#connection.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(request), { reply: inbox });
    });
  }

  async #api<T>(call: string, request: unknown): Promise<T> {
    const answer = await this.#connection.request(`$JS.API.${call}`, JSON.stringify(request), { timeout: SETUP_MS });
    const result = answer.json<T & { error?: ApiError }>();
    if (result.error !== undefined) throw new EngineError(result.error);
    return result;
  }
}

/** Runs it again for as long as JetStream is not ready. */
export async function untilReady<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isFinal = error instanceof EngineError ? !PASSING.has(error.number ?? 0) : violationOf(error) !== undefined;
      if (isFinal || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, READY_RETRY_MS));
  }
}

/** What NATS does not allow, of whatever a request was rejected with. */
export function violationOf(error: unknown): PermissionViolationError | undefined {
  const cause = error instanceof RequestError ? error.cause : error;
  return cause instanceof PermissionViolationError ? cause : undefined;
}

function isNobody(error: unknown): boolean {
  return error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());
}
