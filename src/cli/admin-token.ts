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

/** Undefined where there is none. Throws CommandError for one that cannot be read. */
export async function findToken(flags: TokenFlags, server: ServerAddress): Promise<string | undefined> {
  if (flags.token !== undefined && flags.tokenFile !== undefined) {
    throw new CommandError(EXIT.usage, 'Give either --token or --token-file, not both.');
  }
  const given = flags.token ?? fromFile(flags) ?? variable('ROOMCHAT_TOKEN') ?? (await fromThisMachine(server));
  // What else a header could hold would end it early.
  if (given !== undefined && !/^[\x21-\x7e]+$/.test(given)) {
    throw new CommandError(EXIT.usage, 'A token has no blanks and only ASCII characters.');
  }
  return given;
}

function fromFile({ tokenFile }: TokenFlags): string | undefined {
  if (tokenFile === undefined) return undefined;
  const token = readNamedFile(tokenFile, 'token').trim();
  if (token === '') throw new CommandError(EXIT.usage, `The token file ${tokenFile} is empty.`);
  return token;
}

/** Found only for a loopback server, so that a token is never sent elsewhere. */
async function fromThisMachine({ host }: ServerAddress): Promise<string | undefined> {
  const url = new URL(`http://${host}`);
  if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return undefined;
  const { readStateFile } = await import('../server/index.ts');
  const running = readStateFile(stateDirectory(), Number(url.port || 80));
  if (running === undefined || !isAlive(running.pid)) return undefined;
  try {
    return readFileSync(join(running.data, 'admin.token'), 'utf8').trim();
  } catch (error) {
    throw new CommandError(EXIT.denied, `The server's token cannot be read: ${messageOf(error)}`);
  }
}

/** A server that crashed has left its file, and somebody else may listen on its port now. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
