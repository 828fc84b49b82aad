// The keys that make this user an owner of rooms: a file for each server and room in the state folder, which nobody else can
// read. A folder that cannot be written never disturbs a chat: the key is then one for this run alone.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnerKeyStore } from '../client/index.ts';

/** More than any key has. */
const KEY = /^[\w-]{1,64}$/;

/** `urls` are those of one room at the servers where it is to be had; the key is kept for each, and is the same. */
export function ownerKeyStore(state: string, urls: readonly string[]): OwnerKeyStore {
  const folder = join(state, 'owners');
  const paths = urls.map((url) => join(folder, createHash('sha256').update(url).digest('hex')));
  return {
    read: () => paths.map(readKey).find((key) => key !== undefined),
    write: (key) => {
      for (const [index, path] of paths.entries()) attempt(() => writeKey(folder, path, `${key}\n${urls[index]}\n`));
    },
  };
}

function readKey(path: string): string | undefined {
  const [key = ''] = (attempt(() => readFileSync(path, 'utf8')) ?? '').split('\n', 1);
  return KEY.test(key) ? key : undefined;
}

function writeKey(folder: string, path: string, content: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, content, { mode: 0o600 });
  renameSync(beside, path);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
