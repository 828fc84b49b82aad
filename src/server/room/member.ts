// A member is a cursor on its room's log: reading (served from the file, at the pace its socket drains) or live (it
// stands at the end and each batch is pushed to it). Joining, resuming and being slow are this one mechanism.
// Nothing is queued for a member while it reads: the file keeps it. Knows its connection only as MemberOutput.

import type { ReadableLog } from '../../log/index.ts';
import { encodeAuthor, encodeError, encodeLine, foldNick, type ProtocolError } from '../../protocol/index.ts';
import { FRAME_HEADROOM, type PreparedMessage } from '../../websocket/index.ts';
import { framesOf } from './line-frames.ts';
import { ownLines } from './own-lines.ts';
import type { ReplayCache, SharedChunk } from './replay-cache.ts';

/** What a member is read in. A line has at most 48 KiB, so a chunk always holds a whole one. */
export const CHUNK_BYTES = 64 * 1024;

/** The connection of a member, as far as a room needs it. */
export interface MemberOutput {
  /** Sends a frame that was made once for many. */
  sendPrepared(message: PreparedMessage): void;
  /** The window of frames that are compressed once for many; undefined where this connection takes none. */
  readonly sharedWindowBits: number | undefined;
  /** Sends a whole frame that was compressed for this window. */
  sendFrame(frame: Buffer): void;
  /** Sends one or more whole lines in frames of their own. */
  send(lines: string): void;
  /** What is sent meanwhile goes out together: one write, however many frames. */
  corked(send: () => void): void;
  /** Bytes that the socket has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * So many bytes of the log were read for it, or, where they are `shared`, had been for another: whoever replays much has to
   * wait, until `read` is called again.
   */
  replayed(bytes: number, shared: boolean): void;
  readonly isReplayHeldBack: boolean;
  /** The room has held this connection back, and may take what it sends again. */
  proceed(): void;
  /** Says why to the client, and ends the connection where the error does. */
  fail(error: ProtocolError): void;
  /** The log could not be read, or what became of a line is not known: ends the connection, and says why. */
  logFailed(error: unknown): void;
}

/** What a member reads: its room's log, up to the durable end. */
export interface MemberSource {
  readonly log: ReadableLog;
  /** The seq of the last line before the durable end. */
  readonly durableSeq: number;
  /** How many lines that were accepted have had their answer, whatever it was. */
  readonly answered: number;
  /** Whether the log has all that was said before the room was opened. */
  readonly isWhole: boolean;
  readonly replays: ReplayCache;
}

export interface MemberOptions {
  readonly id: string;
  readonly nick: string;
  readonly output: MemberOutput;
  readonly speaker: boolean;
  /** It reads the log, and is not in the room. */
  readonly reads?: boolean;
  /** Where reading starts: a byte position in the log. */
  readonly position: number;
  /** `live` is told once so many accepted lines have had their answer: all that the room had accepted when the join came. */
  readonly liveAfter: number;
  /** How often its client had connected before. */
  readonly attempt: number;
  /** Bytes of output beyond which it is served from the log. */
  readonly outputLimit: number;
  /** Which key of the owners it has given, if any: how often they had been changed before. */
  readonly owners?: number | undefined;
}

export class Member {
  readonly id: string;
  readonly attempt: number;
  readonly output: MemberOutput;
  readonly speaker: boolean;
  readonly reads: boolean;
  readonly owners: number | undefined;
  #currentNick!: string;
  /** Nick in the form that two nicks are compared by. */
  foldedNick!: string;
  /** Made with its first message: most members only listen. */
  #encodedAuthor: string | undefined;
  state: 'reading' | 'live' | 'ended' = 'reading';
  #position: number;
  readonly #liveAfter: number;
  readonly #outputLimit: number;
  #toldLive = false;
  #readingChunk = false;
  #chunk: Buffer | undefined;
  /** A line that it is to have once its output has drained. */
  #owed: string | undefined;
  readonly #source: MemberSource;

  constructor(source: MemberSource, options: MemberOptions) {
    this.#source = source;
    this.id = options.id;
    this.output = options.output;
    this.speaker = options.speaker;
    this.reads = options.reads ?? false;
    this.#position = options.position;
    this.#liveAfter = options.liveAfter;
    this.attempt = options.attempt;
    this.owners = options.owners;
    this.#outputLimit = options.outputLimit;
    this.nick = options.nick;
  }

  get nick(): string {
    return this.#currentNick;
  }

  set nick(nick: string) {
    this.#currentNick = nick;
    this.foldedNick = foldNick(nick);
    this.#encodedAuthor = undefined;
  }

  /** The part of its message lines that is always the same. */
  get author(): string {
    this.#encodedAuthor ??= encodeAuthor(this.id, this.#currentNick);
    return this.#encodedAuthor;
  }

  /** Its socket holds more than the output limit. */
  get isOverLimit(): boolean {
    return this.output.bufferedBytes > this.#outputLimit;
  }

  /** Bytes of the log that it has not been sent. */
  get behind(): number {
    return this.state === 'live' ? 0 : this.#source.log.durableEnd - this.#position;
  }

  /**
   * A batch's frame, which starts at byte `position` of the log. A live member whose socket holds too much gets nothing:
   * from here on it reads.
   */
  push(frame: PreparedMessage, position: number): void {
    if (this.state !== 'live') return;
    if (this.output.bufferedBytes > this.#outputLimit) {
      this.state = 'reading';
      this.#position = position;
      return;
    }
    this.output.sendPrepared(frame);
  }

  /** A speaker's share of a frame of a batch, which starts at byte `position` of the log: its own lines. */
  pushOwn(lines: string, position: number): void {
    if (this.state !== 'live') return;
    if (this.isOverLimit) {
      this.state = 'reading';
      this.#position = position;
      return;
    }
    this.output.send(lines);
  }

  /** Lines that are not in the log. Presence that passes while the output is over the limit is not repeated. */
  tellPrepared(frame: PreparedMessage): void {
    if (this.state !== 'ended' && !this.isOverLimit) this.output.sendPrepared(frame);
  }

  /** A line of which only the latest counts: it comes later where the output is over the limit. */
  tellLatest(line: string): void {
    if (this.state === 'ended') return;
    if (this.isOverLimit) this.#owed = line;
    else this.output.send(line);
  }

  refuse(error: ProtocolError): void {
    this.answer(encodeError(error));
  }

  /** A line that answers one of its commands: never left out. */
  answer(line: string): void {
    if (this.state !== 'ended') this.output.send(line);
  }

  /** Sends it its welcome and begins to read: where little is to be read, all of it is one write with the welcome. */
  begin(welcome: string): void {
    const mayRead = this.#mayRead;
    this.output.corked(() => {
      this.output.send(welcome);
      if (mayRead) this.#readOn();
    });
  }

  /** Reads on. Called whenever its output has drained, and when the durable end has moved while it waits there for `live`. */
  read(): void {
    this.#tellOwed();
    if (this.#mayRead) this.#readOn();
  }

  #tellOwed(): void {
    if (this.#owed === undefined || this.state === 'ended' || this.isOverLimit) return;
    this.output.send(this.#owed);
    this.#owed = undefined;
  }

  get #mayRead(): boolean {
    if (this.state !== 'reading' || this.#readingChunk || this.output.bufferedBytes > 0) return false;
    return !this.output.isReplayHeldBack;
  }

  #readOn(): void {
    try {
      // An asynchronous last read never catches up in a busy room: by the time it is back there is a new batch.
      if (this.#source.log.durableEnd - this.#position <= CHUNK_BYTES) this.#readRest();
      else this.#readChunk().catch((error) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  /** The log failed it: its connection ends. */
  fail(error: unknown): void {
    if (this.state === 'ended') return;
    this.end();
    this.output.logFailed(error);
  }

  end(): void {
    this.state = 'ended';
    this.#chunk = undefined;
  }

  #readRest(): void {
    const { log } = this.#source;
    while (this.#position < log.durableEnd) {
      const buffer = this.#chunk ?? Buffer.allocUnsafe(FRAME_HEADROOM + log.durableEnd - this.#position);
      const length = log.readSync(this.#position, buffer, FRAME_HEADROOM);
      this.#sendChunk(buffer, length);
      // A rest that needs a second frame (its first cut fell before a long line) needs a second buffer, too.
      this.#chunk = undefined;
    }
    if (!this.#toldLive) {
      if (!this.#source.isWhole || this.#source.answered < this.#liveAfter) return;
      this.#toldLive = true;
      this.output.send(encodeLine({ type: 'live', seq: this.#source.durableSeq }));
    }
    this.state = 'live';
    this.#chunk = undefined;
  }

  async #readChunk(): Promise<void> {
    this.#readingChunk = true;
    const windowBits = this.speaker ? undefined : this.output.sharedWindowBits;
    let send: () => void;
    try {
      send = windowBits === undefined ? await this.#nextChunk() : await this.#nextSharedChunk(windowBits);
    } finally {
      this.#readingChunk = false;
    }
    // It may have ended while the read was under way.
    if (this.state !== 'reading') return;
    send();
    this.read();
  }

  async #nextChunk(): Promise<() => void> {
    const buffer = this.#buffer();
    const length = await this.#source.log.read(this.#position, buffer, FRAME_HEADROOM);
    return () => this.#sendChunk(buffer, length);
  }

  /** What is far from the end is the same for whoever reads it: it is compressed once. */
  async #nextSharedChunk(windowBits: number): Promise<() => void> {
    const { log, replays } = this.#source;
    const position = this.#position;
    const known = replays.get(log, windowBits, position);
    if (known !== undefined) {
      // A read of the file would have let others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
      return () => this.#sendShared(known, true);
    }
    const buffer = this.#buffer();
    const length = await log.read(position, buffer, FRAME_HEADROOM);
    return () => {
      // Of many that read at once, one was first.
      const first = replays.get(log, windowBits, position);
      if (first !== undefined) {
        this.#sendShared(first, true);
        return;
      }
      const made = framesOf(buffer.subarray(0, FRAME_HEADROOM + length));
      const frames = made.map(({ message }) => message.compressed(windowBits));
      // What does not become smaller is sent from the buffer, which is filled again.
      if (made.some(({ message }, i) => frames[i] === message.plain)) {
        this.#sendChunk(buffer, length);
        return;
      }
      const chunk = { length, frames };
      replays.put(log, windowBits, position, chunk);
      this.#sendShared(chunk, false);
    };
  }

  #sendShared({ length, frames }: SharedChunk, isKnown: boolean): void {
    this.#position += length;
    this.output.replayed(length, isKnown);
    for (const frame of frames) this.output.sendFrame(frame);
  }

  #sendChunk(buffer: Buffer, length: number): void {
    this.#position += length;
    this.output.replayed(length, false);
    if (!this.speaker) {
      for (const { message } of framesOf(buffer.subarray(0, FRAME_HEADROOM + length)))
        this.output.sendPrepared(message);
      return;
    }
    const own = ownLines(buffer.subarray(FRAME_HEADROOM, FRAME_HEADROOM + length), this.id);
    if (own !== '') this.output.send(own);
  }

  /** One buffer while it reads: it is filled again only after the socket has taken all of it. */
  #buffer(): Buffer {
    this.#chunk ??= Buffer.allocUnsafeSlow(FRAME_HEADROOM + CHUNK_BYTES);
    return this.#chunk;
  }
}
