// Counts the frames that a server sends to one client: headers alone are looked at (RFC 6455 §5.2, unmasked).

export class FrameCounter {
  frames = 0;
  /** Bytes of the frame under way that are still to come. */
  #left = 0;
  /** A header that a read has cut. */
  #cut: Buffer | undefined;

  count(chunk: Buffer): void {
    const bytes = this.#cut === undefined ? chunk : Buffer.concat([this.#cut, chunk]);
    this.#cut = undefined;
    let at = this.#left;
    while (at < bytes.length) {
      const size = frameSize(bytes, at);
      if (size === undefined) {
        this.#cut = Buffer.from(bytes.subarray(at));
        this.#left = 0;
        return;
      }
      this.frames++;
      at += size;
    }
    this.#left = at - bytes.length;
  }
}

/** Header and payload; undefined where the header is not all there. */
function frameSize(bytes: Buffer, at: number): number | undefined {
  const short = bytes[at + 1];
  if (short === undefined) return undefined;
  if (short < 126) return 2 + short;
  const header = short === 126 ? 4 : 10;
  if (at + header > bytes.length) return undefined;
  return header + (short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6));
}
