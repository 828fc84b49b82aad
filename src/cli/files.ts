// Reads small files that flags name; `-` is standard input.

import { readFileSync } from 'node:fs';
import { CommandError, EXIT } from './exit-codes.ts';

/** `what` names the file in the error's sentence: `password`. Throws CommandError. */
export function readNamedFile(path: string, what: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new CommandError(EXIT.usage, `The ${what} file ${path} cannot be read: ${reasonOf(error)}.`);
  }
}

/** The first line of such a file: a password's editor has ended it. */
export function firstLineOf(path: string, what: string): string {
  return readNamedFile(path, what).split(/\r?\n/, 1)[0] ?? '';
}

/** What the system says of a file, without the call and the path that Node puts around it. */
function reasonOf(error: unknown): string {
  return /^[A-Z]+: (.+?), /.exec(messageOf(error))?.[1] ?? messageOf(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
