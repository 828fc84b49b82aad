// Encodes a server's lines. A line of the log is encoded once: these are the bytes that are appended, sent and replayed.

import type { ProtocolError } from './error-codes.ts';
import { safeJson, safeJsonString } from './json-text.ts';
import { MAX_FRAME_BYTES, MAX_MEMBERS_LISTED } from './limits.ts';
import type { LogLine, MemberEntry, ServerLine } from './lines.ts';
import { utf8Bytes } from './text.ts';

/** Any line but those of the log, with its newline. */
export function encodeLine(line: Exclude<ServerLine, { type: 'message' | 'notice' }>): string {
  return `${safeJson(line)}\n`;
}

export function encodeError({ code, message, ref, retryAfter }: ProtocolError): string {
  return encodeLine({
    type: 'error',
    code,
    message,
    ...(ref === undefined ? {} : { ref }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** The part of a message line that is the same for all messages of an author, made once a nick. */
export function encodeAuthor(id: string, nick: string): string {
  return `,"id":${safeJson(id)},"nick":${safeJson(nick)},"text":`;
}

/** A message's line with its newline; `author` comes from encodeAuthor. */
export function encodeMessage(seq: number, at: number, author: string, text: string, ref: string | undefined): string {
  return withNumber('message', seq, at, encodeSaid(author, text, ref));
}

/** What a message's line has behind its number and its time, which are given later; `author` comes from encodeAuthor. */
export function encodeSaid(author: string, text: string, ref: string | undefined): string {
  const start = `${author}${safeJsonString(text)}`;
  return ref === undefined ? `${start}}\n` : `${start},"ref":${safeJson(ref)}}\n`;
}

/** The same of a notice's line. */
export function encodeNotified(text: string): string {
  return `,"text":${safeJsonString(text)}}\n`;
}

/** A line of the log with its newline; `rest` comes from encodeSaid or encodeNotified. */
export function withNumber(type: LogLine['type'], seq: number, at: number, rest: string): string {
  return `{"type":"${type}","seq":${seq},"at":${at}${rest}`;
}

/** A notice's line with its newline. */
export function encodeNotice(seq: number, at: number, text: string): string {
  return withNumber('notice', seq, at, encodeNotified(text));
}

/** The answer to `who`, with its newline: it lists as many as a frame holds, and at most 1,000. */
export function encodeMembers(members: Iterable<MemberEntry>, present: number): string {
  const end = `],"present":${present}}\n`;
  let line = '{"type":"members","members":[';
  let bytes = line.length + end.length;
  let listed = 0;
  for (const { id, nick } of members) {
    const entry = `${listed === 0 ? '' : ','}{"id":${safeJson(id)},"nick":${safeJson(nick)}}`;
    bytes += utf8Bytes(entry);
    if (listed === MAX_MEMBERS_LISTED || bytes > MAX_FRAME_BYTES) break;
    line += entry;
    listed++;
  }
  return line + end;
}
