// What a POST says: its body as it is, or each of its lines, or the text and ref of a JSON object. Nothing is said where a
// part of it cannot be.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import {
  BadField,
  exceedsBytes,
  MAX_FRAME_BYTES,
  MAX_TEXT_BYTES,
  optionalString,
  ProtocolError,
  parseObject,
  requiredString,
  type SayCommand,
} from '../../protocol/index.ts';

/** Each line costs more than its bytes, also in the answer. */
const MOST_LINES = 1_000;

/** The whole body, or undefined where it is over 64 KiB, as a frame may not be either. Rejects where the peer goes away. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_FRAME_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  return await new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_FRAME_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** At least one. Throws ProtocolError `bad_request`, `too_long`. */
export function saysOf(body: Buffer, contentType: string | undefined, byLine: boolean): SayCommand[] {
  if (!isUtf8(body)) throw new ProtocolError('bad_request', 'The body is not UTF-8.');
  const text = body.toString();
  const isJson = /^application\/json\b/i.test(contentType ?? '');
  if (isJson && byLine) throw new ProtocolError('bad_request', 'With ?lines the body is plain text, not JSON.');
  const says = isJson ? [fromJson(text)] : byLine ? fromLines(text) : [fromText(text)];
  if (says.length === 0) throw new ProtocolError('bad_request', NOTHING);
  return says;
}

const NOTHING = 'The body is empty: it is what is to be said.';

function fromText(body: string): SayCommand {
  const text = body.endsWith('\n') ? body.slice(0, body.endsWith('\r\n') ? -2 : -1) : body;
  if (text === '') throw new ProtocolError('bad_request', NOTHING);
  return { type: 'say', text };
}

/** Blank lines are passed over, as `roomchat say` does. */
function fromLines(body: string): SayCommand[] {
  const says: SayCommand[] = [];
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '') continue;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (exceedsBytes(text, MAX_TEXT_BYTES)) {
      throw new ProtocolError('too_long', `Line ${i + 1} is too long: a message has at most ${MAX_TEXT_BYTES} bytes.`);
    }
    says.push({ type: 'say', text });
  }
  if (says.length > MOST_LINES) {
    throw new ProtocolError('too_long', `These are ${says.length} messages: a request says at most ${MOST_LINES}.`);
  }
  return says;
}

/** What is too long, the session finds. */
function fromJson(body: string): SayCommand {
  try {
    const fields = parseObject(body);
    const ref = optionalString(fields, 'ref');
    return { type: 'say', text: requiredString(fields, 'text'), ...(ref !== undefined && { ref }) };
  } catch (error) {
    if (error instanceof BadField)
      throw new ProtocolError('bad_request', error.message.replace('This line', 'The body'));
    throw error;
  }
}
