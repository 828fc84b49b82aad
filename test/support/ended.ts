// How a command is expected to have ended: with this on standard output, or with nothing there and a sentence that says why.

import { expect } from 'vitest';

export function ok(stdout: string | RegExp): unknown {
  return { exitCode: 0, stdout: typeof stdout === 'string' ? stdout : expect.stringMatching(stdout), stderr: '' };
}

export function refused(exitCode: number, sentence: RegExp): unknown {
  return { exitCode, stdout: '', stderr: expect.stringMatching(sentence) };
}
