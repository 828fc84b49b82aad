// curl itself, as a script uses it. Where it is missing its tests are skipped and say so; in CI they fail.

import { spawnSync } from 'node:child_process';
import { execa } from 'execa';
import { test } from 'vitest';

export const hasCurl = spawnSync('curl', ['--version']).error === undefined;
if (!hasCurl) console.warn('The tests of the plain interface are skipped: there is no curl (apt-get install curl).');

export const curlTest = test.skipIf(!hasCurl && !process.env.CI);

export interface CurlAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The body. */
  readonly text: string;
}

/** Runs curl to its end, with `input` as its standard input. */
export async function curl(args: readonly string[], input: string | Uint8Array = ''): Promise<CurlAnswer> {
  const { stdout } = await execa('curl', ['-q', '-sS', '-i', '--max-time', '20', ...args], {
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  const answer = Buffer.from(stdout);
  const end = answer.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = answer.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const body = answer.subarray(end + 4);
  return { status: Number(statusLine.split(' ')[1]), headers, body, text: body.toString() };
}
