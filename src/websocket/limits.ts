// The limits that a connection puts on its peer: their names, defaults and reasons. Each is checked before bytes are kept.

export interface Limits {
  /** Bytes of one message, its fragments together and after inflation. */
  readonly maxMessage: number;
  /** Frames of one message. Empty fragments cost a peer two bytes each and would otherwise never end a message. */
  readonly maxFragments: number;
}

/** A chat's frames are small: see the limits of a text and of a line. */
export const DEFAULT_LIMITS: Limits = { maxMessage: 65_536, maxFragments: 128 };
