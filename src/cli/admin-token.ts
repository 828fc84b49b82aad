// Where an admin's token comes from: flags, the environment, or the data directory of a server that runs on this machine.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerAddress } from '../client/index.ts';
import { stateDirectory, variable } from './environment.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { messageOf, readNamedFile } from './files.ts';

export interface TokenFlags {
  readonly token?: string;
  readonly tokenFile?: string;
}

/** A token and the address that it may be sent to. */
export interface Access {
  readonly token: string | undefined;
  readonly server: ServerAddress;
  /** Why what was found on this machine is not believed: whole sentences. */
  readonly distrust?: string;
}

/** The token is undefined where there is none. Throws CommandError for one that cannot be read. */
export async function findAccess(flags: TokenFlags, server: ServerAddress): Promise<Access> {
  if (flags.token !== undefined && flags.tokenFile !== undefined) {
    throw new CommandError(EXIT.usage, 'Give either --token or --token-file, not both.');
  }
  const given = flags.token ?? fromFile(flags) ?? variable('ROOMCHAT_TOKEN');
  // What else a header could hold would end it early.
  if (given !== undefined && !/^[\x21-\x7e]+$/.test(given)) {
    throw new CommandError(EXIT.usage, 'A token has no blanks and only ASCII characters.');
  }
  return given === undefined ? await fromThisMachine(server) : { token: given, server };
}

function fromFile({ tokenFile }: TokenFlags): string | undefined {
  if (tokenFile === undefined) return undefined;
  const token = readNamedFile(tokenFile, 'token').trim();
  if (token === '') throw new CommandError(EXIT.usage, `The token file ${tokenFile} is empty.`);
  return token;
}

/** Found only for a loopback server, so that a token is never sent elsewhere. */
async function fromThisMachine(server: ServerAddress): Promise<Access> {
  const url = new URL(`http://${server.host}`);
  if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return { token: undefined, server };
  const { readStateFile, StateFileError } = await import('../server/index.ts');
  let running: ReturnType<typeof readStateFile>;
  try {
    running = readStateFile(stateDirectory(), Number(url.port || (server.secure ? 443 : 80)));
  } catch (error) {
    if (error instanceof StateFileError) return { token: undefined, server, distrust: error.message };
    throw error;
  }
  if (running === undefined) return { token: undefined, server };
  // The same port of another loopback address may be somebody else's.
  if (url.hostname !== 'localhost' && url.hostname !== new URL(running.url).hostname)
    return { token: undefined, server };
  const { parseServerAddress } = await import('../client/index.ts');
  try {
    const token = readFileSync(join(running.data, 'admin.token'), 'utf8').trim();
    // "localhost" has two such addresses; a certificate tells them apart.
    return { token, server: server.secure ? server : parseServerAddress(running.url) };
  } catch (error) {
    throw new CommandError(EXIT.denied, `The server's token cannot be read: ${messageOf(error)}`);
  }
}
