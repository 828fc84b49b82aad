// The lines that were typed before, newest last, in a file of their own that only their author can read.
// A history that cannot be kept never disturbs a chat: it is then one for this run alone.

import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_ENTRIES = 1000;
const OWNER_ONLY = 0o600;

export class InputHistory {
  readonly #file: string | undefined;
  readonly #entries: string[];

  /** `file` is made where it does not exist; without one nothing is kept beyond this run. */
  constructor(file?: string) {
    this.#file = file;
    this.#entries = file === undefined ? [] : load(file);
  }

  get length(): number {
    return this.#entries.length;
  }

  at(index: number): string | undefined {
    return this.#entries[index];
  }

  /** The same line twice in a row is kept once. */
  add(line: string): void {
    if (line === this.#entries.at(-1)) return;
    this.#entries.push(line);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    const file = this.#file;
    // One short append a line: several clients may share a file, and none rewrites what another added.
    if (file !== undefined) attempt(() => appendFileSync(file, encode([line]), { mode: OWNER_ONLY }));
  }
}

/** JSON, so that a message of several lines is one line of the file. */
function encode(lines: readonly string[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function load(file: string): string[] {
  const content = attempt(() => readFileSync(file, 'utf8'));
  if (content === undefined) {
    attempt(() => mkdirSync(dirname(file), { recursive: true, mode: 0o700 }));
    return [];
  }
  attempt(() => chmodSync(file, OWNER_ONLY));
  const lines = content.split('\n');
  const entries = lines.map(decode).filter((entry) => entry !== undefined);
  const kept = entries.slice(-MAX_ENTRIES);
  // Only a file that has grown to twice its bound, or was torn, is written anew: whole, beside it, and renamed.
  if (entries.length > 2 * MAX_ENTRIES || lines.at(-1) !== '') attempt(() => replaceFile(file, encode(kept)));
  return kept;
}

function replaceFile(file: string, content: string): void {
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, content, { mode: OWNER_ONLY });
  renameSync(beside, file);
}

function decode(line: string): string | undefined {
  const value: unknown = attempt(() => JSON.parse(line));
  return typeof value === 'string' ? value : undefined;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
