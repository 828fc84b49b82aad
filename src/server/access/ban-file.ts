// The bans on the disk: bans.json. A file that cannot be read must never let anybody in: the server then does not start.

import { join } from 'node:path';
import { type DataDirectory, DataDirectoryError, type KeptFile } from '../../log/index.ts';
import {
  BadField,
  type BanEntry,
  type Fields,
  objectItem,
  optionalCount,
  optionalString,
  parseObject,
  requiredArray,
  requiredCount,
  requiredString,
} from '../../protocol/index.ts';
import { formatNetwork, NetworkError, parseNetwork } from '../addresses/network.ts';
import type { Ban, BanList } from './ban-list.ts';
import type { BanStore } from './bans.ts';

const FORMAT = 1;
const FILE = 'bans.json';
/** More than the most bans with the longest reasons take. */
const MOST_BYTES = 16 * 1024 * 1024;

export class BanFile implements BanStore {
  readonly #file: KeptFile;

  /** Takes over what was kept. Throws DataDirectoryError where it cannot be read. */
  constructor(directory: DataDirectory, list: BanList) {
    this.#file = directory.keptFile(FILE, () => encodeBans(list));
    const content = directory.readFile(FILE, MOST_BYTES);
    if (content === undefined) return;
    for (const ban of decodeBans(content, join(directory.path, FILE))) list.add(ban);
  }

  added(): Promise<void> {
    return this.#file.save();
  }

  removed(): Promise<void> {
    return this.#file.save();
  }
}

export function encodeBans(bans: Iterable<Ban>): Buffer {
  // A ban a line, so that an admin can read it.
  const lines = Array.from(bans, encodeBan);
  return Buffer.from(`{"format":${FORMAT},"bans":[\n${lines.join(',\n')}\n]}\n`);
}

/** One ban alone. */
export function encodeBan(ban: Ban): string {
  return JSON.stringify(entryOf(ban));
}

/** Throws BadField, NetworkError. */
export function decodeBan(text: string): Ban {
  return banOf(parseObject(text));
}

/** A ban as it is listed. */
export function entryOf({ network, room, since, until, reason, client }: Ban): BanEntry {
  return {
    network: formatNetwork(network),
    ...(room !== undefined && { room }),
    since,
    ...(until !== undefined && { until }),
    ...(reason !== undefined && { reason }),
    ...client,
  };
}

/** Throws DataDirectoryError; `path` is for its sentence. */
export function decodeBans(content: Buffer, path: string): Ban[] {
  try {
    const fields = parseObject(content.toString());
    if (fields.format !== FORMAT) throw new BadField('It holds no bans of this version.');
    return requiredArray(fields, 'bans').map((item) => banOf(objectItem(item)));
  } catch (error) {
    if (!(error instanceof BadField || error instanceof NetworkError)) throw error;
    const message = `The bans in ${path} cannot be read: ${error.message} Fix the file, or remove it to start without bans.`;
    throw new DataDirectoryError('unsafe_file', message);
  }
}

function banOf(fields: Fields): Ban {
  const id = optionalString(fields, 'id');
  const nick = optionalString(fields, 'nick');
  return {
    network: parseNetwork(requiredString(fields, 'network')),
    room: optionalString(fields, 'room'),
    since: requiredCount(fields, 'since'),
    until: optionalCount(fields, 'until'),
    reason: optionalString(fields, 'reason'),
    client: id === undefined || nick === undefined ? undefined : { id, nick },
  };
}
