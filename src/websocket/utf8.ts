// Checks UTF-8 (RFC 3629) that comes in pieces, and says no at the very octet that nothing after it can mend.
// Never decodes: it keeps no text, only what may follow.
import { isUtf8 } from 'node:buffer';

/** Shorter pieces are checked octet by octet, without the call into native code. */
const NATIVE_FROM = 32;

export class Utf8Validator {
  /** Octets that the character begun still lacks. */
  #needed = 0;
  /** What the next octet of that character may be. */
  #lower = 0x80;
  #upper = 0xbf;

  /** Whether what has come so far ends with a whole character. */
  get complete(): boolean {
    return this.#needed === 0;
  }

  /** Takes the next piece; false when the text can no longer become valid. */
  push(bytes: Buffer): boolean {
    let at = 0;
    while (this.#needed > 0 && at < bytes.length) {
      if (!this.#octet(bytes[at++] ?? 0)) return false;
    }
    if (bytes.length - at >= NATIVE_FROM) {
      const tail = startOfCutCharacter(bytes);
      if (!isUtf8(bytes.subarray(at, tail))) return false;
      at = tail;
    }
    while (at < bytes.length) {
      if (!this.#octet(bytes[at++] ?? 0)) return false;
    }
    return true;
  }

  #octet(octet: number): boolean {
    if (this.#needed > 0) {
      if (octet < this.#lower || octet > this.#upper) return false;
      this.#needed--;
      this.#lower = 0x80;
      this.#upper = 0xbf;
      return true;
    }
    if (octet < 0x80) return true;
    // C0 and C1 could only begin over-long forms; nothing above F4 begins a character.
    if (octet < 0xc2 || octet > 0xf4) return false;
    this.#needed = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
    // Over-long forms (E0, F0), surrogates (ED) and what is beyond U+10FFFF (F4) show in the second octet.
    if (octet === 0xe0) this.#lower = 0xa0;
    else if (octet === 0xed) this.#upper = 0x9f;
    else if (octet === 0xf0) this.#lower = 0x90;
    else if (octet === 0xf4) this.#upper = 0x8f;
    return true;
  }
}

/** Where the character that the end of `bytes` cuts off begins; the end itself when none is cut. */
function startOfCutCharacter(bytes: Buffer): number {
  const end = bytes.length;
  for (let back = 1; back <= 3; back++) {
    const octet = bytes[end - back] ?? 0;
    if (octet < 0x80) return end;
    if (octet >= 0xc0) {
      const size = octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
      return size > back ? end - back : end;
    }
  }
  return end;
}
