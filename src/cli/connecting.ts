// What `join` and `say` have in common: their flags, and from these to a session; and from a session's end to an exit code.

import { type Command, InvalidArgumentError } from 'commander';
import type { EndKind, NickWish, RoomSessionOptions, SessionEnd } from '../client/index.ts';
import { exceedsBytes, MAX_PASSWORD_BYTES, NameError } from '../protocol/index.ts';
import { loginNick, stateDirectory, variable } from './environment.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';
import { firstLineOf } from './files.ts';
import { ownerKeyStore } from './owner-keys.ts';
import { plaintextWarning, warnOfPlaintext } from './plaintext-warning.ts';
import type { ProfileFlags, Settled } from './profiles.ts';
import { readCa } from './tls-files.ts';
import { nickName } from './values.ts';

export interface ConnectingFlags extends ProfileFlags {
  readonly password?: string;
  readonly passwordFile?: string;
}

/** Of the config file. */
export const PROFILE_HELP =
  'use a profile of ~/.config/roomchat/config.json (default: the one that its "default" names)';

export function addConnectingFlags(command: Command): Command {
  return command
    .option(
      '-s, --server <addresses>',
      'host, host:port or URL; several nodes of a cluster as a,b,c (default: $ROOMCHAT_SERVER, else 127.0.0.1:8080)',
    )
    .option('-n, --nick <nick>', 'name in the room (default: $ROOMCHAT_NICK, else your login name)', nickName)
    .option('--password <password>', "the room's password; for a new room, the one that it gets")
    .option('--password-file <file>', 'read the password from the first line of a file; - is standard input')
    .option('--ca <file>', 'trust the certificates in this PEM file, for wss:// servers of your own')
    .option('--profile <name>', PROFILE_HELP);
}

/** Who is in front of the terminal. */
export interface Person {
  /** Reads a password from the terminal, where there is one. */
  ask?(question: string): Promise<string | undefined>;
  tell(text: string): void;
}

/** What `join` and `say` begin with. */
export interface Beginning {
  readonly room: string;
  /** Whether there are several servers to connect to. */
  readonly several: boolean;
  readonly options: RoomSessionOptions;
}

/** The room that was named, and options of a session with it. The person is not spoken to before the session has started. */
export async function sessionOptions(
  named: string,
  flags: ConnectingFlags & Settled,
  person: Person,
): Promise<Beginning> {
  const [{ AddressError, parseRoomAddress, roomUrl }, { transportTo }] = await Promise.all([
    import('../client/index.ts'),
    import('./dialling.ts'),
  ]);
  try {
    const address = parseRoomAddress(named, { chosen: flags.server, usual: flags.usualServer });
    const { room, servers } = address;
    const password = givenPassword(flags);
    if (password !== undefined) warnOfPlaintext(PASSWORD, servers);
    const warning = password === undefined ? plaintextWarning(PASSWORD, servers) : undefined;
    const tls = flags.ca === undefined ? undefined : readCa(flags.ca);
    const options = {
      ...transportTo(address, tls),
      nick: nickWish(flags),
      ownerKeys: ownerKeyStore(
        stateDirectory(),
        servers.map((server) => roomUrl(server, room)),
      ),
      askPassword: passwordSource(person, warning),
      ...(password === undefined ? {} : { password }),
    };
    return { room, several: servers.length > 1, options };
  } catch (error) {
    if (error instanceof AddressError || error instanceof NameError) throw new CommandError(EXIT.usage, error.message);
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
  if (passwordFile !== undefined) return passwordFrom(passwordFile);
  return password === undefined ? undefined : checkPassword(password);
}

/** The password in the first line of a file. Throws CommandError. */
export function passwordFrom(file: string): string {
  const password = firstLineOf(file, 'password');
  if (password !== '') return checkPassword(password);
  throw new CommandError(EXIT.usage, `The password file ${file} has no password in its first line.`);
}

/** The password itself. Throws CommandError for one that no room can have. */
export function checkPassword(password: string): string {
  if (password !== '' && !exceedsBytes(password, MAX_PASSWORD_BYTES)) return password;
  throw new CommandError(EXIT.usage, `A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
}

/**
 * The environment's password is sent only where the room asks for one; the user is asked where that one is wrong.
 * What a warning has to say is told once, before there is anything to be sent.
 */
function passwordSource(person: Person, plaintext: string | undefined) {
  let warning = plaintext;
  return async (message: string, wrong: boolean): Promise<string | undefined> => {
    const password = wrong ? undefined : variable('ROOMCHAT_PASSWORD');
    const isGiven = password !== undefined || (person.ask !== undefined && process.stdin.isTTY);
    if (warning !== undefined && isGiven) {
      person.tell(warning);
      warning = undefined;
    }
    return password ?? (await person.ask?.(`${message} Password: `));
  };
}

/** What to do where no server answers, and where one does that cannot be trusted. */
export const UNREACHABLE_HINT = 'Start one with roomchat serve, or name another one with --server.';
export const UNTRUSTED_HINT = 'If you made its certificate yourself, name the issuer’s certificate file with --ca.';

const PASSWORD = 'the password';

const EXIT_OF_END: { readonly [kind in EndKind]: ExitCode } = {
  left: EXIT.done,
  unreachable: EXIT.unreachable,
  untrusted: EXIT.unreachable,
  overloaded: EXIT.unreachable,
  password: EXIT.denied,
  unprotected: EXIT.denied,
  replaced: EXIT.refused,
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
  if (kind === 'unprotected') return 'If anybody may read it, run this again without a password.';
  if (kind === 'untrusted' && ca === undefined) return UNTRUSTED_HINT;
  const gavePassword = (password ?? passwordFile ?? variable('ROOMCHAT_PASSWORD')) !== undefined;
  return kind === 'password' && !gavePassword ? 'Give it with --password or --password-file.' : '';
}

/** Why somebody who gave a password should know that it protects nothing. */
export const OPEN_ROOM_WARNING =
  'warning: this room has no password. It was open before you came, and anybody can read it.';
