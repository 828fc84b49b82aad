// permessage-deflate on one connection (RFC 7692 §7.2): each message whole in, whole out, and the windows that a context
// takeover keeps between them. Keeps nothing without a takeover.
import { deflateMessage, inflateMessage, slideWindow } from './deflate.ts';

/** How one side compresses. */
export interface DeflateSide {
  /** Whether each message may refer to those before it. */
  readonly contextTakeover: boolean;
  /** The window is 2^windowBits bytes; 8 to 15. */
  readonly windowBits: number;
}

export interface Agreement {
  readonly own: DeflateSide;
  readonly peer: DeflateSide;
}

/** Below this a frame fits one packet anyway, and deflating it costs more time than it saves. */
export const COMPRESS_FROM = 1024;

const EMPTY = Buffer.alloc(0);

export class Compression {
  readonly #own: DeflateSide;
  readonly #peer: DeflateSide;
  readonly #compressFrom: number;
  #ownWindow: Buffer = EMPTY;
  #peerWindow: Buffer = EMPTY;

  constructor(agreement: Agreement, compressFrom: number = COMPRESS_FROM) {
    this.#own = agreement.own;
    this.#peer = agreement.peer;
    this.#compressFrom = compressFrom;
  }

  /** Our window bits where no message depends on another, so that one compressed frame may serve many connections. */
  get sharedWindowBits(): number | undefined {
    return this.#own.contextTakeover ? undefined : this.#own.windowBits;
  }

  /** The compressed payload, or `undefined` when the message had better go as it is. */
  compress(payload: Buffer): Buffer | undefined {
    if (payload.length < this.#compressFrom) return undefined;
    const deflated = deflateMessage(payload, this.#own.windowBits, this.#ownWindow);
    if (deflated.length >= payload.length) return undefined;
    if (this.#own.contextTakeover) {
      this.#ownWindow = slideWindow(this.#ownWindow, payload, this.#own.windowBits);
    }
    return deflated;
  }

  /** The inflated payload; throws a WebSocketError when it is damaged or longer than `maxLength`. */
  decompress(payload: Buffer, maxLength: number): Buffer {
    const inflated = inflateMessage(payload, this.#peer.windowBits, this.#peerWindow, maxLength);
    if (this.#peer.contextTakeover) {
      this.#peerWindow = slideWindow(this.#peerWindow, inflated, this.#peer.windowBits);
    }
    return inflated;
  }
}
