// One command over the control path: finds server and token, connects, and maps what goes wrong to exit codes.

import type { Command } from 'commander';
import type { ControlClient, ControlFailure, ControlFailureKind } from '../client/index.ts';
import { type Access, findAccess, type TokenFlags } from './admin-token.ts';
import { PROFILE_HELP, UNREACHABLE_HINT, UNTRUSTED_HINT } from './connecting.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';
import { warnOfPlaintext } from './plaintext-warning.ts';
import { type ProfileFlags, settle } from './profiles.ts';
import { readCa } from './tls-files.ts';

export interface ControlFlags extends TokenFlags, Omit<ProfileFlags, 'nick'> {
  readonly json?: true;
}

export function addControlFlags(command: Command): Command {
  return command
    .option('-s, --server <address>', 'host, host:port or URL (default: $ROOMCHAT_SERVER, else 127.0.0.1:8080)')
    .option(
      '--token <token>',
      "the admin token (default: $ROOMCHAT_TOKEN, else found where this machine's server runs)",
    )
    .option('--token-file <file>', 'read the token from a file; - is standard input')
    .option('--ca <file>', 'trust the certificates in this PEM file, for wss:// servers of your own')
    .option('--profile <name>', PROFILE_HELP)
    .option('--json', 'print JSON');
}

const EXIT_OF_FAILURE: { readonly [kind in ControlFailureKind]: ExitCode } = {
  unreachable: EXIT.unreachable,
  untrusted: EXIT.unreachable,
  denied: EXIT.denied,
  refused: EXIT.refused,
  busy: EXIT.failed,
  lost: EXIT.unreachable,
  protocol: EXIT.failed,
};

/** Connects, lets `use` ask, and closes. `onLine` gets the lines that answer nothing. Rejects with CommandError. */
export async function withControl<T>(
  given: ControlFlags,
  use: (client: ControlClient) => Promise<T>,
  onLine: (line: string) => void = () => {},
): Promise<T> {
  const [{ AddressError, ControlFailure, parseServerAddresses }, { dialControl }] = await Promise.all([
    import('../client/index.ts'),
    import('./dialling.ts'),
  ]);
  const flags = settle(given);
  try {
    const [address, ...others] = parseServerAddresses(flags.server ?? flags.usualServer);
    if (others.length > 0) {
      throw new CommandError(EXIT.usage, 'An admin command goes to one server: name that one alone with --server.');
    }
    const access = await findAccess(flags, address);
    const { token, server } = access;
    if (token !== undefined) warnOfPlaintext('the admin token', [server]);
    const tls = flags.ca === undefined ? undefined : readCa(flags.ca);
    const client = await dialControl(server, token, tls, onLine).catch((failure: unknown) => {
      throw failure instanceof ControlFailure ? notConnected(failure, access, flags) : failure;
    });
    try {
      return await use(client);
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof AddressError) throw new CommandError(EXIT.usage, error.message);
    if (error instanceof ControlFailure) throw new CommandError(EXIT_OF_FAILURE[error.kind], error.message);
    throw error;
  }
}

function notConnected(
  { kind, message }: ControlFailure,
  { token, server: { host }, distrust }: Access,
  { ca }: ControlFlags,
): CommandError {
  if (kind === 'denied' && token === undefined) {
    const found =
      distrust === undefined ? `No token for ${host} was found on this machine. Give` : `${distrust} Or give`;
    return new CommandError(
      EXIT.denied,
      `${found} --token, --token-file or ROOMCHAT_TOKEN; the token is in admin.token in the server's data directory.`,
    );
  }
  const hint =
    kind === 'unreachable'
      ? ` ${UNREACHABLE_HINT}`
      : kind === 'untrusted' && ca === undefined
        ? ` ${UNTRUSTED_HINT}`
        : '';
  return new CommandError(EXIT_OF_FAILURE[kind], message + hint);
}
