// The bans on the disk: bans.json. A file that cannot be read must never let anybody in: the server then does not start.

import { DataDirectoryError } from '../../log/index.ts';
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
import type { Ban } from './ban-list.ts';

const FORMAT = 1;

export function encodeBans(bans: Iterable<Ban>): Buffer {
  // A ban a line, so that an admin can read it.
  const lines = Array.from(bans, (ban) => JSON.stringify(entryOf(ban)));
  return Buffer.from(`{"format":${FORMAT},"bans":[\n${lines.join(',\n')}\n]}\n`);
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
