// What the log tells the server's console. Must never hold a message's text.

export type LogEvent =
  /** Bytes after the last whole line were cut off at opening; `keptIn` is the path of the file that has them. */
  | { readonly kind: 'torn-tail'; readonly room: string; readonly bytes: number; readonly keptIn: string }
  /** The log was not closed before the machine went down: seq goes on behind what may have been seen and lost. */
  | { readonly kind: 'seq-skipped'; readonly room: string; readonly from: number; readonly to: number }
  /** The room refuses from now on. In bytes; without an `end` it is one line that begins at `offset`. */
  | { readonly kind: 'damaged'; readonly room: string; readonly offset: number; readonly end: number | undefined }
  /** The room refuses from now on: its file was removed, or is another one. */
  | { readonly kind: 'log-gone'; readonly room: string }
  /** The log ends before what was summed of it once: it was restored from a backup, or has lost its end. */
  | { readonly kind: 'log-shorter'; readonly room: string; readonly bytes: number }
  /** The sums cannot be used, or not be written; the log itself can. */
  | { readonly kind: 'without-sums'; readonly room: string; readonly reason: string }
  /** The file `open` could not be made durable, so that new lines wait for the next try, or could not be removed. */
  | { readonly kind: 'mark-failed'; readonly room: string; readonly why: 'make' | 'remove'; readonly reason: string }
  /** So many logs could not be synced before the server had to stop. */
  | { readonly kind: 'unsynced'; readonly logs: number }
  /** What the log tells its room has thrown: a bug, which is said whole. */
  | { readonly kind: 'bug'; readonly room?: string; readonly error: unknown }
  /** A folder among the rooms that is not a room; it is left alone. */
  | { readonly kind: 'not-a-room'; readonly folder: string; readonly reason: string }
  /** The folders of the rooms could not be read through: how much they take is not known. */
  | { readonly kind: 'not-counted'; readonly reason: string };

export type Report = (event: LogEvent) => void;
