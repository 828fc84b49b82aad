// What `join` and `say` have in common: their flags, and from these to a session; and from a session's end to an exit code.

import { type Command, InvalidArgumentError } from 'commander';
import type { EndKind, NickWish, RoomSessionOptions, SessionEnd } from '../client/index.ts';
import { exceedsBytes, MAX_PASSWORD_BYTES } from '../protocol/index.ts';
import { loginNick, variable } from './environment.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';
import { firstLineOf } from './files.ts';
import { readCa } from './tls-files.ts';
import { nickName } from './values.ts';

export interface ConnectingFlags {
  readonly server?: string;
  readonly nick?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
}

export function addConnectingFlags(command: Command): Command {
  return command
    .option('-s, --server <address>', 'host, host:port or URL (default: $ROOMCHAT_SERVER, else 127.0.0.1:8080)')
    .option('-n, --nick <nick>', 'name in the room (default: $ROOMCHAT_NICK, else your login name)', nickName)
    .option('--password <password>', "the room's password; for a new room, the one that it gets")
    .option('--password-file <file>', 'read the password from the first line of a file; - is standard input')
    .option('--ca <file>', 'trust the certificates in this PEM file, for wss:// servers of your own');
}

/** Options of a session with `room`. `ask` reads a password from the terminal, where there is one. */
export async function sessionOptions(
  room: string,
  flags: ConnectingFlags,
  ask: ((question: string) => Promise<string | undefined>) | undefined,
): Promise<RoomSessionOptions> {
  const { AddressError, parseServerAddress, roomUrl } = await import('../client/index.ts');
  try {
    const server = parseServerAddress(flags.server ?? variable('ROOMCHAT_SERVER'));
    const password = givenPassword(flags);
    return {
      url: roomUrl(server, room),
      nick: nickWish(flags),
      askPassword: passwordSource(ask),
      ...(password === undefined ? {} : { password }),
      ...(flags.ca === undefined ? {} : { tls: readCa(flags.ca) }),
    };
  } catch (error) {
    if (error instanceof AddressError) throw new CommandError(EXIT.usage, error.message);
    throw error;
  }
}

function nickWish(flags: ConnectingFlags): NickWish | undefined {
  const chosen = flags.nick ?? environmentNick();
  if (chosen !== undefined) return { name: chosen, mayBeNumbered: false };
  const login = loginNick();
  return login === undefined ? undefined : { name: login, mayBeNumbered: true };
}

function environmentNick(): string | undefined {
  const nick = variable('ROOMCHAT_NICK');
  try {
    return nick === undefined ? undefined : nickName(nick);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new CommandError(EXIT.usage, `ROOMCHAT_NICK: ${error.message}`);
    throw error;
  }
}

/** A password that was given for this very call; it also protects a room which the call opens. */
function givenPassword({ password, passwordFile }: ConnectingFlags): string | undefined {
  if (password !== undefined && passwordFile !== undefined) {
    throw new CommandError(EXIT.usage, 'Give either --password or --password-file, not both.');
  }
  const given = passwordFile === undefined ? password : firstLineOf(passwordFile, 'password');
  if (given === '' && passwordFile !== undefined) {
    throw new CommandError(EXIT.usage, `The password file ${passwordFile} has no password in its first line.`);
  }
  if (given !== undefined && (given === '' || exceedsBytes(given, MAX_PASSWORD_BYTES))) {
    throw new CommandError(EXIT.usage, `A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  return given;
}

/** The environment's password is sent only where the room asks for one; the user is asked where that one is wrong. */
function passwordSource(ask: ((question: string) => Promise<string | undefined>) | undefined) {
  return async (message: string, wrong: boolean): Promise<string | undefined> => {
    const password = wrong ? undefined : variable('ROOMCHAT_PASSWORD');
    return password ?? (await ask?.(`${message} Password: `));
  };
}

/** What to do where no server answers, and where one does that cannot be trusted. */
export const UNREACHABLE_HINT = 'Start one with roomchat serve, or name another one with --server.';
export const UNTRUSTED_HINT = 'Where its certificate is of your own making, name the file of its issuer with --ca.';

const EXIT_OF_END: { readonly [kind in EndKind]: ExitCode } = {
  left: EXIT.done,
  unreachable: EXIT.unreachable,
  untrusted: EXIT.unreachable,
  overloaded: EXIT.unreachable,
  password: EXIT.denied,
  refused: EXIT.refused,
  protocol: EXIT.failed,
};

/** The error for a session that is over without having been told to; `unfinished` is what it leaves undone. */
export function endError({ kind, message }: SessionEnd, flags: ConnectingFlags, unfinished = ''): CommandError {
  const sentences = [message, unfinished, hintFor(kind, flags)].filter((sentence) => sentence !== '');
  return new CommandError(EXIT_OF_END[kind], sentences.join(' '));
}

function hintFor(kind: EndKind, { password, passwordFile, ca }: ConnectingFlags): string {
  if (kind === 'unreachable') return UNREACHABLE_HINT;
  if (kind === 'untrusted' && ca === undefined) return UNTRUSTED_HINT;
  const gavePassword = (password ?? passwordFile ?? variable('ROOMCHAT_PASSWORD')) !== undefined;
  return kind === 'password' && !gavePassword ? 'Give it with --password or --password-file.' : '';
}

/** Why somebody who gave a password should know that it protects nothing. */
export const OPEN_ROOM_WARNING =
  'warning: this room has no password. It was open before you came, and anybody can read along.';
