// What `say` has to say of its standard input, message by message. What is not text is not said: its bytes would come out as
// something else.

import { isUtf8 } from 'node:buffer';
import { MAX_TEXT_BYTES } from '../protocol/index.ts';
import { inputLineBytes } from './input-lines.ts';

type Input = AsyncIterable<Buffer>;
/** Gets a sentence for each message that is refused. */
type Refuse = (sentence: string) => void;

/** Each line but blank ones. */
export async function* spokenLines(input: Input, refuse: Refuse): AsyncGenerator<string> {
  let number = 0;
  for await (const line of inputLineBytes(input, MAX_TEXT_BYTES)) {
    number += 1;
    // A line that is too long comes cut off, perhaps within a character; and is refused anyway.
    const fault = line.length > MAX_TEXT_BYTES ? undefined : faultOf(line);
    if (fault !== undefined) {
      refuse(`Line ${number} was refused: ${fault}`);
      continue;
    }
    const text = line.toString();
    if (text.trim() !== '') yield text;
  }
}

/** All of it as one message, without its last newline; nothing where it is blank. */
export async function* spokenWhole(input: Input, refuse: Refuse): AsyncGenerator<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    bytes += chunk.length;
    // No more is read than it takes to know.
    if (bytes > MAX_TEXT_BYTES + 2) break;
  }
  const whole = Buffer.concat(chunks);
  const fault = bytes > MAX_TEXT_BYTES + 2 ? undefined : faultOf(whole);
  const text = whole.toString().replace(/\r?\n$/, '');
  if (fault !== undefined) refuse(`The input was refused: ${fault}`);
  else if (text.trim() !== '') yield text;
}

function faultOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return 'it is not text, for it holds a NUL byte.';
  return isUtf8(bytes) ? undefined : 'it is not text in UTF-8.';
}
