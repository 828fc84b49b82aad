// RFC 6455 without I/O: bytes in, events and bytes out. `receive` the bytes, pull the events, take the bytes to send.
// Answers pings and Close frames by itself. Never touches a socket, a timer or a clock.
import { isUtf8 } from 'node:buffer';
import { CloseCode } from './close-codes.ts';
import { readClosePayload, writeClosePayload } from './close-payload.ts';
import type { Compression } from './compression.ts';
import { encodeFrame, type Role } from './encode.ts';
import { WebSocketError } from './error.ts';
import { type FrameHeader, isControl, MAX_CONTROL_PAYLOAD, Opcode, RSV1 } from './frame.ts';
import { Input } from './input.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { applyMask } from './mask.ts';
import { invalidText, MessageAssembler } from './message-assembler.ts';
import { isOver, type State, transition } from './state.ts';

export type ConnectionEvent =
  | { readonly type: 'message'; readonly data: Buffer; readonly binary: boolean }
  /** A ping, which is answered already, or a pong. Told so that the caller may limit how many come. */
  | { readonly type: 'control' }
  /** The last event. 1005: a Close frame without a code. 1006: none came. Else the peer's code, or why we failed it. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string };

const CONTROL: ConnectionEvent = { type: 'control' };
const NO_OUTPUT: Buffer[] = [];
/** An inflater takes as long to set up as so many bytes take to be inflated. */
const INFLATER_BYTES = 4096;

export class Connection {
  readonly role: Role;
  readonly #limits: Limits;
  readonly #compression: Compression | undefined;
  /** Bytes that inflating took the time of. Counted up here; the caller sets it back. */
  inflated = 0;
  #state: State = 'open';
  #ended = false;
  readonly #input = new Input();
  #frame: FrameHeader | undefined = undefined;
  /** Bytes of the frame's payload that have come. */
  #payloadReceived = 0;
  #control: Buffer | undefined = undefined;
  #message: MessageAssembler | undefined = undefined;
  #output = NO_OUTPUT;
  #outputBytes = 0;
  #congested = false;
  #latePong: Buffer | undefined = undefined;

  constructor(role: Role, limits: Limits = DEFAULT_LIMITS, compression?: Compression) {
    this.role = role;
    this.#limits = limits;
    this.#compression = compression;
  }

  get state(): State {
    return this.#state;
  }

  get compression(): Compression | undefined {
    return this.#compression;
  }

  /** Bytes that `takeOutput` would give. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** Takes the bytes that came. They are the connection's from here on: it unmasks in place and hands out views. */
  receive(bytes: Buffer): void {
    if (!isOver(this.#state)) this.#input.push(bytes);
  }

  /** The transport will bring no more bytes. */
  receiveEnd(): void {
    this.#ended = true;
  }

  /** The next event in what has come, or `undefined` when that is all used up. */
  nextEvent(): ConnectionEvent | undefined {
    if (isOver(this.#state)) return undefined;
    try {
      const event = this.#parse();
      if (event !== undefined || !this.#ended) return event;
      return this.#finish('transportEnded', CloseCode.abnormal, '');
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      // RFC 6455 §7.1.7: say why in a Close frame, unless one is out already, and read nothing more.
      if (this.#state === 'open') this.#push(Opcode.close, 0, writeClosePayload(error.closeCode, error.message));
      return this.#finish('peerFault', error.closeCode, error.message);
    }
  }

  /** The bytes to send, in order; the caller sends them all. */
  takeOutput(): Buffer[] {
    const output = this.#output;
    this.#output = NO_OUTPUT;
    this.#outputBytes = 0;
    return output;
  }

  /** Sends a message; nothing once the connection closes. */
  sendMessage(data: Buffer, binary: boolean): void {
    if (this.#state !== 'open') return;
    const opcode = binary ? Opcode.binary : Opcode.text;
    const compressed = this.#compression?.compress(data);
    if (compressed === undefined) this.#push(opcode, 0, data);
    else this.#push(opcode, RSV1, compressed);
  }

  /** Queues a frame that is encoded already. */
  sendEncoded(frame: Buffer): void {
    if (this.#state !== 'open') return;
    if (this.#output === NO_OUTPUT) this.#output = [];
    this.#output.push(frame);
    this.#outputBytes += frame.length;
  }

  /** Sends a ping of at most 125 bytes. */
  sendPing(data: Buffer): void {
    // RFC 6455 §5.5: control frames carry at most 125 bytes.
    if (data.length > MAX_CONTROL_PAYLOAD) throw new RangeError('a ping carries at most 125 bytes');
    if (this.#state === 'open') this.#push(Opcode.ping, 0, data);
  }

  /** Begins the closing handshake; what comes from now on is discarded. Code 1005 sends a Close frame without a code. */
  sendClose(code: number, reason: string): void {
    const payload = writeClosePayload(code, reason);
    if (this.#state !== 'open') return;
    this.#push(Opcode.close, 0, payload);
    this.#state = transition(this.#state, 'closeSent');
  }

  /** Forgets what has come: nothing is delivered or sent any more. */
  abandon(): void {
    if (!isOver(this.#state)) this.#finish('transportEnded', CloseCode.abnormal, '');
    this.#output = NO_OUTPUT;
    this.#outputBytes = 0;
  }

  /** While the peer does not read, only its latest ping is remembered, and answered when it reads again. */
  setCongested(congested: boolean): void {
    this.#congested = congested;
    if (congested || this.#latePong === undefined) return;
    if (this.#state === 'open') this.#push(Opcode.pong, 0, this.#latePong);
    this.#latePong = undefined;
  }

  #push(opcode: number, rsv: number, payload: Buffer): void {
    if (this.#output === NO_OUTPUT) this.#output = [];
    const before = this.#output.length;
    encodeFrame(this.#output, this.role, opcode, rsv, payload);
    for (let i = before; i < this.#output.length; i++) this.#outputBytes += this.#output[i]?.length ?? 0;
  }

  #finish(cause: 'closeReceived' | 'peerFault' | 'transportEnded', code: number, reason: string): ConnectionEvent {
    this.#state = transition(this.#state, cause);
    this.#input.clear();
    this.#control = undefined;
    this.#message = undefined;
    this.#frame = undefined;
    this.#latePong = undefined;
    return { type: 'close', code, reason };
  }

  #parse(): ConnectionEvent | undefined {
    for (;;) {
      if (this.#frame === undefined) {
        const header = this.#input.takeHeader();
        if (header === undefined) return undefined;
        this.#begin(header);
        this.#frame = header;
        this.#payloadReceived = 0;
      }
      const piece = this.#input.take(this.#frame.length - this.#payloadReceived);
      if (piece.length === 0 && this.#payloadReceived < this.#frame.length) return undefined;
      const event = this.#readPayload(this.#frame, piece);
      if (event !== undefined) return event;
    }
  }

  /** Checks a header against the role, the message in progress and the limits, before any of its payload is kept. */
  #begin(header: FrameHeader): void {
    // RFC 6455 §5.1: a server takes only masked frames, a client only unmasked ones.
    if ((header.maskingKey !== undefined) !== (this.role === 'server')) {
      throw new WebSocketError(
        CloseCode.protocolError,
        this.role === 'server' ? 'frame is not masked' : 'frame is masked',
      );
    }
    // RFC 6455 §5.2, RFC 7692 §6: only RSV1 has a meaning, only with an extension, only where a message begins.
    const startsMessage = header.opcode === Opcode.text || header.opcode === Opcode.binary;
    if (header.rsv !== 0 && !(header.rsv === RSV1 && this.#compression !== undefined && startsMessage)) {
      throw new WebSocketError(CloseCode.protocolError, 'reserved bit is set');
    }
    if (isControl(header.opcode)) return;
    // RFC 6455 §5.4: fragments of different messages must not be mixed.
    if (startsMessage) {
      if (this.#message !== undefined) {
        throw new WebSocketError(CloseCode.protocolError, 'new message before the last fragment');
      }
      this.#message = new MessageAssembler(header.opcode === Opcode.binary, header.rsv !== 0);
    } else if (this.#message === undefined) {
      throw new WebSocketError(CloseCode.protocolError, 'continuation without a message');
    } else if (++this.#message.fragments > this.#limits.maxFragments) {
      throw new WebSocketError(CloseCode.tooBig, 'message has too many fragments');
    }
    const { maxMessage } = this.#limits;
    // Deflate may make a message a little longer, never by more than this.
    const allowed = this.#message.compressed ? maxMessage + (maxMessage >> 3) + 64 : maxMessage;
    if (this.#message.length + header.length > allowed) {
      throw new WebSocketError(CloseCode.tooBig, 'message is too long');
    }
  }

  #readPayload(frame: FrameHeader, piece: Buffer): ConnectionEvent | undefined {
    const before = this.#payloadReceived;
    if (frame.maskingKey !== undefined) applyMask(piece, frame.maskingKey, before);
    this.#payloadReceived += piece.length;
    const whole = this.#payloadReceived === frame.length;
    if (whole) this.#frame = undefined;
    if (isControl(frame.opcode)) return this.#readControl(frame, piece, before, whole);
    return this.#readData(frame, piece, before, whole);
  }

  #readData(frame: FrameHeader, piece: Buffer, before: number, whole: boolean): ConnectionEvent | undefined {
    const message = this.#message;
    if (message === undefined) return undefined;
    const last = whole && frame.fin;
    if (last) this.#message = undefined;
    // RFC 6455 §1.4: once we have said that we close, what still comes is of no interest.
    if (this.#state !== 'open') return undefined;
    let data: Buffer = piece;
    if (!last || message.length > 0) {
      message.append(piece, message.length + frame.length - before);
      if (!last) return undefined;
      data = message.finish();
    } else if (!message.compressed && !message.binary && !isUtf8(piece)) {
      throw invalidText();
    }
    if (message.compressed && this.#compression !== undefined) {
      data = this.#compression.decompress(data, this.#limits.maxMessage);
      this.inflated += data.length + INFLATER_BYTES;
      if (!message.binary && !isUtf8(data)) throw invalidText();
    }
    return { type: 'message', data, binary: message.binary };
  }

  #readControl(frame: FrameHeader, piece: Buffer, before: number, whole: boolean): ConnectionEvent | undefined {
    let payload: Buffer = piece;
    if (this.#control !== undefined || !whole) {
      this.#control ??= Buffer.allocUnsafe(frame.length);
      piece.copy(this.#control, before);
      if (!whole) return undefined;
      payload = this.#control;
      this.#control = undefined;
    }
    if (frame.opcode === Opcode.close) return this.#readClose(payload);
    if (frame.opcode === Opcode.ping && this.#state === 'open') {
      // RFC 6455 §5.5.3: a pong with the ping's payload; where several wait, one for the latest may do.
      if (this.#congested) this.#latePong = Buffer.from(payload);
      else this.#push(Opcode.pong, 0, payload);
    }
    return CONTROL;
  }

  #readClose(payload: Buffer): ConnectionEvent {
    const { code, reason } = readClosePayload(payload);
    // RFC 6455 §5.5.1: answer with a Close frame of the same code, unless ours is out already.
    if (this.#state === 'open') this.#push(Opcode.close, 0, writeClosePayload(code, ''));
    return this.#finish('closeReceived', code, reason);
  }
}
