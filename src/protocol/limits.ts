// The sizes that roomchat.v1 promises to both sides. A limit that only one side has lives with that side.

/** UTF-8 bytes of a message's text. */
export const MAX_TEXT_BYTES = 16 * 1024;
/** Bytes of a line of the log, newline included: escapes can make a text of 16 KiB six times as long. */
export const MAX_LOG_LINE_BYTES = 48 * 1024;
/** Payload bytes of a frame, in both directions of a server. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** What a client takes in one frame; more than a server sends, so that servers may grow. */
export const MAX_CLIENT_FRAME_BYTES = 1024 * 1024;
/** Code points. */
export const MAX_ROOM_CHARACTERS = 64;
export const MAX_NICK_CHARACTERS = 32;
/** Marks without space of their own in a row, on one letter of a nick: no language needs more, and more reach other lines. */
export const MAX_MARKS_IN_NICK = 4;
/** The same in any text that is shown: Unicode's stream-safe text format (UAX #15 §13), far beyond any language. */
export const MAX_MARKS_SHOWN = 30;
export const MAX_REF_CHARACTERS = 64;
/** Of a join's claim: fewer could be guessed. */
export const MIN_CLAIM_CHARACTERS = 16;
export const MAX_CLAIM_CHARACTERS = 64;
/** UTF-8 bytes: the bound comes before hashing, so that nobody makes the server hash a megabyte. */
export const MAX_PASSWORD_BYTES = 128;
/** UTF-8 bytes of a room's topic: it stands in a header. */
export const MAX_TOPIC_BYTES = 512;
/** Seconds between two messages in slow mode: a day. */
export const MAX_SLOW_SECONDS = 86_400;
/** Of what names somebody in an owner's command: more than any nick or id has. */
export const MAX_NAMED_CHARACTERS = 64;
/** What a reason may have: it is kept with a ban, and told to everybody whom the ban turns away. */
export const MAX_REASON_BYTES = 512;
/** Ten years: a longer ban is one for good. */
export const MAX_BAN_SECONDS = 10 * 365 * 86_400;
/** Code points of an owner's key, as a join gives it. */
export const MAX_OWNER_KEY_CHARACTERS = 64;
/** Members listed in an answer to `who`. */
export const MAX_MEMBERS_LISTED = 1000;
