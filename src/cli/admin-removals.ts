// The part of `roomchat admin` that keeps somebody out: kick, ban, bans, unban, password, delete.

import type { Command } from 'commander';
import type { BanEntry, Fields } from '../protocol/index.ts';
import { list, nickAndRoom, order, show, subcommand } from './admin-answers.ts';
import { isBanEntry } from './admin-entries.ts';
import { checkPassword, passwordFrom } from './connecting.ts';
import type { ControlFlags } from './control.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { duration, roomName, utc } from './values.ts';

const KICK_NOTES = `
It cannot come back as the same client, not even after a restart of the server. The person may join as somebody new: to
keep the person out, ban.`;

const BAN_NOTES = `
A client's id, or a beginning of it, bans the address that the client comes from, and ends the id as kick does. It also
works for one that has just left. Of IPv6 an address stands for its /64, which is what one customer has. Everybody at
the address is out: so is whoever shares it. Who is banned from the whole server is refused before anything else; the
control path stays open to whoever has the token.

Examples:
  $ roomchat admin ban 7k3 spam                  the address of this client, for good
  $ roomchat admin ban 7k3 --room lobby          from this room alone
  $ roomchat admin ban 203.0.113.0/24 --for 2h   a whole network, for two hours`;

const UNBAN_NOTES = `
It lifts one ban as \`roomchat admin bans\` lists it. An id that was ended with it stays ended: the person joins as
somebody new.`;

const PASSWORD_NOTES = `
Those who are in the room stay. Whoever is out needs the new password, even to come back as the same client.

Examples:
  $ roomchat admin password vault                asks for it, twice
  $ roomchat admin password vault --password-file new.txt
  $ roomchat admin password vault --none         from now on anybody may join`;

export function defineRemovals(admin: Command): void {
  subcommand(admin, 'kick', 'remove a client for good')
    .argument('<client-id>', 'its id, or a prefix that no other id has')
    .argument('[reason...]', 'what the client is told')
    .option('--room <room>', 'with a whole id, its room: the id ends there even if the client left long ago', roomName)
    .addHelpText('after', KICK_NOTES)
    .action((id: string, words: readonly string[], { room, ...flags }: ControlFlags & InRoom) =>
      order(flags, { type: 'kick', id, room, reason: words.join(' ') }, (done) => `Removed ${nickAndRoom(done)}.`),
    );

  subcommand(admin, 'ban', "keep out an address, a network, or a client's address")
    .argument('<target>', "an IP address, a network such as 203.0.113.0/24, or a client's id or a prefix of it")
    .argument('[reason...]', 'what those it keeps out are told')
    .option('--room <room>', 'from this room alone, not from the whole server', roomName)
    .option('--for <time>', 'how long, as in 30s, 15m, 2h or 7d (default: for good)', duration)
    .addHelpText('after', BAN_NOTES)
    .action((target: string, words: readonly string[], { room, for: seconds, ...flags }: ControlFlags & BanFlags) =>
      order(flags, { type: 'ban', target, room, for: seconds, reason: words.join(' ') }, bannedSentence),
    );

  subcommand(admin, 'bans', 'list the bans')
    .argument('[room]', 'only those of this room', roomName)
    .action(async (room: string | undefined, flags: ControlFlags) => {
      await show(flags, await list(flags, { type: 'bans', room }, 'bans', isBanEntry), (tables) => tables.bansTable);
    });

  subcommand(admin, 'unban', 'lift a ban')
    .argument('<target>', "the address or network of the ban, or its client's id or a beginning of it")
    .option('--room <room>', 'a ban from this room alone', roomName)
    .addHelpText('after', UNBAN_NOTES)
    .action((target: string, { room, ...flags }: ControlFlags & InRoom) =>
      order(flags, { type: 'unban', target, room }, unbannedSentence, ({ still }) => stillBanned(still) !== undefined),
    );

  subcommand(admin, 'password', 'give a room a new password, or none')
    .argument('<room>', 'the room', roomName)
    .option('--password-file <file>', 'read it from the first line of a file; - is standard input')
    .option('--none', 'from now on the room has none: anybody may join')
    .addHelpText('after', PASSWORD_NOTES)
    .action(changePassword);

  subcommand(admin, 'delete', 'end a room and its history for good')
    .argument('<room>', 'the room', roomName)
    .option('--yes', 'without it, nothing is deleted')
    .action(deleteRoom);
}

interface InRoom {
  readonly room?: string;
}

interface BanFlags extends InRoom {
  readonly for?: number;
}

/** Where a ban holds. */
function placeOf({ room }: { readonly room?: unknown }): string {
  return room === undefined ? 'the server' : `${room}`;
}

function bannedSentence(done: Fields): string {
  const { network, nick, ended } = done;
  const who = nick === undefined ? network : `${nick} (${network})`;
  const connections = ended === 1 ? '1 connection was' : `${ended} connections were`;
  const end = typeof done.until === 'number' ? `until ${utc(done.until)} UTC` : 'for good';
  return `Banned ${who} from ${placeOf(done)} ${end}; ${connections} ended.`;
}

function unbannedSentence(done: Fields): string {
  const others = (stillBanned(done.still) ?? []).map((ban) => `${ban.network} from ${placeOf(ban)}`);
  const rest = others.length === 0 ? '' : ` It is still covered by the ban of ${others.join(', ')}.`;
  return `Unbanned ${done.network} from ${placeOf(done)}.${rest}`;
}

/** The bans that still cover what was unbanned; undefined for what is not a list of them. */
function stillBanned(still: unknown): readonly BanEntry[] | undefined {
  return Array.isArray(still) && still.every(isBanEntry) ? still : undefined;
}

interface PasswordFlags extends ControlFlags {
  readonly passwordFile?: string;
  readonly none?: true;
}

async function changePassword(room: string, { passwordFile, none, ...flags }: PasswordFlags): Promise<void> {
  if (none && passwordFile !== undefined) {
    throw new CommandError(EXIT.usage, 'Give either --password-file or --none, not both.');
  }
  const password = none
    ? { none }
    : { password: passwordFile === undefined ? await askTwice(room) : passwordFrom(passwordFile) };
  await order(flags, { type: 'password', room, ...password }, (done) =>
    done.protected ? `${room} has a new password.` : `${room} no longer has a password: anybody may join.`,
  );
}

async function askTwice(room: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new CommandError(EXIT.usage, 'There is no terminal to ask on: give --password-file; - is standard input.');
  }
  const { askHidden } = await import('../terminal/index.ts');
  const ask = async (question: string): Promise<string> => {
    const answer = await askHidden(stdin, stderr, question);
    if (answer === undefined) throw new CommandError(EXIT.interrupted, '');
    return answer;
  };
  const first = await ask(`New password for ${room}: `);
  const second = await ask('Once more: ');
  stdin.destroy();
  if (first !== second) throw new CommandError(EXIT.usage, 'The two passwords differ. Nothing was changed.');
  return checkPassword(first);
}

async function deleteRoom(room: string, flags: ControlFlags & { readonly yes?: true }): Promise<void> {
  if (!flags.yes) {
    throw new CommandError(
      EXIT.usage,
      `This deletes the room ${room} and its whole history for good. Add --yes to do it.`,
    );
  }
  await order(flags, { type: 'delete', room }, () => `Deleted ${room}.`);
}
