// Encodes a server's lines. A line of the log is encoded once: these are the bytes that are appended, sent and replayed.

import { safeJson, safeJsonString } from './json-text.ts';
import type { ServerLine } from './lines.ts';

/** Any line but those of the log, with its newline. */
export function encodeLine(line: Exclude<ServerLine, { type: 'message' | 'notice' }>): string {
  return `${safeJson(line)}\n`;
}

/** The part of a message line that is the same for all messages of an author, made once a nick. */
export function encodeAuthor(id: string, nick: string): string {
  return `,"id":${safeJson(id)},"nick":${safeJson(nick)},"text":`;
}

/** A message's line with its newline; `author` comes from encodeAuthor. */
export function encodeMessage(seq: number, at: number, author: string, text: string, ref: string | undefined): string {
  const start = `{"type":"message","seq":${seq},"at":${at}${author}${safeJsonString(text)}`;
  return ref === undefined ? `${start}}\n` : `${start},"ref":${safeJson(ref)}}\n`;
}

/** A notice's line with its newline. */
export function encodeNotice(seq: number, at: number, text: string): string {
  return `{"type":"notice","seq":${seq},"at":${at},"text":${safeJsonString(text)}}\n`;
}
