// What a connection asks of a compression extension (RFC 7692 §6): whole messages in, whole messages out.

export interface Compression {
  /** The compressed payload, or `undefined` when the message had better go as it is. */
  compress(payload: Buffer): Buffer | undefined;
  /** The inflated payload; throws a WebSocketError when it is damaged or longer than `maxLength`. */
  decompress(payload: Buffer, maxLength: number): Buffer;
}
