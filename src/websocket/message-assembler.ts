// Puts one message together from the pieces its frames come in: one buffer that grows by doubling, so that many small
// fragments cost no more than a few large ones. Never asks how much is allowed: its caller has checked.
import { CloseCode } from './close-codes.ts';
import { WebSocketError } from './error.ts';
import { Utf8Validator } from './utf8.ts';

const EMPTY = Buffer.alloc(0);
const FIRST_CAPACITY = 256;

export class MessageAssembler {
  readonly binary: boolean;
  readonly compressed: boolean;
  fragments = 1;
  length = 0;
  #buffer = EMPTY;
  readonly #utf8: Utf8Validator | undefined;

  constructor(binary: boolean, compressed: boolean) {
    this.binary = binary;
    this.compressed = compressed;
    // What is compressed can only be checked once it is inflated.
    this.#utf8 = binary || compressed ? undefined : new Utf8Validator();
  }

  /** Copies `bytes` in. `expected` is the length that the frames begun so far will bring the message to. */
  append(bytes: Buffer, expected: number): void {
    // RFC 6455 §8.1: text that is not UTF-8 fails the connection.
    if (this.#utf8?.push(bytes) === false) throw invalidText();
    const length = this.length + bytes.length;
    // A length that was only announced never makes it grow by more than what has come.
    if (length > this.#buffer.length) this.#grow(Math.max(length, Math.min(expected, length * 2), FIRST_CAPACITY));
    bytes.copy(this.#buffer, this.length);
    this.length = length;
  }

  /** The message's bytes, once the last has come. */
  finish(): Buffer {
    if (this.#utf8?.complete === false) throw invalidText();
    return this.#buffer.subarray(0, this.length);
  }

  #grow(atLeast: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(atLeast, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }
}

export function invalidText(): WebSocketError {
  return new WebSocketError(CloseCode.invalidData, 'text is not valid UTF-8');
}
