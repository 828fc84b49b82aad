// `roomchat admin`: speaks and acts as the server, over the control path.

import type { Command } from 'commander';
import { type Fields, printableLine, safeJson } from '../protocol/index.ts';
import { isClientEntry, isRoomEntry, isVerifiedRoom } from './admin-entries.ts';
import { addControlFlags, type ControlFlags, withControl } from './control.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { LineOutput } from './line-output.ts';
import { roomName } from './values.ts';

const EXAMPLES = `
Examples:
  $ roomchat admin broadcast lobby "restarting in 5 minutes"
  $ roomchat admin clients                       who is there, and how far behind
  $ roomchat admin dm 7k3 psst                   the beginning of an id will do
  $ roomchat admin watch --json                  every event as a line

On the machine of the server no token is needed.`;

export function defineAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .description('Speak as the server, see who is there, remove somebody, look after the logs.')
    .addHelpText('after', EXAMPLES);

  subcommand(admin, 'broadcast', 'say something to a whole room; room "*": to every open room')
    .argument('<room>', 'the room', roomOrAll)
    .argument('<text...>', 'what to say')
    .action((room: string, words: readonly string[], flags: ControlFlags) =>
      order(flags, { type: 'broadcast', room, text: words.join(' ') }, ({ rooms }) =>
        typeof rooms === 'number' ? `Told ${rooms} ${rooms === 1 ? 'room' : 'rooms'}.` : `Told ${room}.`,
      ),
    );

  subcommand(admin, 'dm', 'say something to one client alone')
    .argument('<client-id>', 'its id, or a beginning that no other has')
    .argument('<text...>', 'what to say')
    .action((id: string, words: readonly string[], flags: ControlFlags) =>
      order(flags, { type: 'dm', id, text: words.join(' ') }, (done) => `Told ${nickAndRoom(done)}.`),
    );

  subcommand(admin, 'kick', 'remove a client')
    .argument('<client-id>', 'its id, or a beginning that no other has')
    .argument('[reason...]', 'what the client is told')
    .action((id: string, words: readonly string[], flags: ControlFlags) =>
      order(flags, { type: 'kick', id, reason: words.join(' ') }, (done) => `Removed ${nickAndRoom(done)}.`),
    );

  subcommand(admin, 'rooms', 'list the rooms, those on disk too').action(async (flags: ControlFlags) => {
    await show(flags, await list(flags, { type: 'rooms' }, 'rooms', isRoomEntry), (tables) => tables.roomsTable);
  });

  subcommand(admin, 'clients', 'list the clients')
    .argument('[room]', 'only those of this room', roomName)
    .action(async (room: string | undefined, flags: ControlFlags) => {
      await show(
        flags,
        await list(flags, { type: 'clients', room }, 'clients', isClientEntry),
        (tables) => tables.clientsTable,
      );
    });

  subcommand(admin, 'watch', 'print every event as it happens').action(watch);

  subcommand(admin, 'verify', 'check the logs: every line valid, every number rising')
    .argument('[room]', 'only this room', roomName)
    .action(verify);

  subcommand(admin, 'export', "print a room's whole log as NDJSON")
    .argument('<room>', 'the room', roomName)
    .action(exportRoom);

  subcommand(admin, 'delete', 'end a room and its history for good')
    .argument('<room>', 'the room', roomName)
    .option('--yes', 'without it nothing is deleted')
    .action(deleteRoom);
}

function subcommand(admin: Command, name: string, description: string): Command {
  return addControlFlags(admin.command(name).description(description));
}

function roomOrAll(text: string): string {
  if (text === '*') return text;
  return roomName(text);
}

/** A command whose answer is one sentence. */
async function order(flags: ControlFlags, command: Fields, sentence: (done: Fields) => string): Promise<void> {
  const done = await withControl(flags, (client) => client.ask(command));
  if (!Object.values(done).every((field) => typeof field !== 'object')) throw unexpected();
  process.stdout.write(flags.json ? `${safeJson(done)}\n` : `${printableLine(sentence(done))}\n`);
}

function nickAndRoom({ nick, room }: Fields): string {
  return `${nick} in ${room}`;
}

/** A command whose answer is a list of such entries under `field`. */
async function list<Entry>(
  flags: ControlFlags,
  command: Fields,
  field: string,
  isEntry: (value: unknown) => value is Entry,
): Promise<Entry[]> {
  const parts: Fields[] = [];
  parts.push(await withControl(flags, (client) => client.ask(command, (part) => parts.push(part))));
  return parts.flatMap(({ [field]: entries }) => {
    if (!Array.isArray(entries) || !entries.every(isEntry)) throw unexpected();
    return entries;
  });
}

function unexpected(): CommandError {
  return new CommandError(EXIT.failed, 'The server answered with something unexpected.');
}

type Tables = typeof import('./admin-tables.ts');

async function show<Entry>(
  flags: ControlFlags,
  entries: readonly Entry[],
  tableOf: (tables: Tables) => (entries: readonly Entry[]) => string,
): Promise<void> {
  const text = flags.json
    ? entries.map((entry) => `${safeJson(entry)}\n`).join('')
    : tableOf(await import('./admin-tables.ts'))(entries);
  process.stdout.write(text);
}

async function watch(flags: ControlFlags): Promise<void> {
  const { formatText, parseEvent } = await import('../server/index.ts');
  const shown = (line: string): string => {
    const event = flags.json ? undefined : parseEvent(line);
    return event === undefined ? line : formatText(event).slice(0, -1);
  };
  let output: LineOutput | undefined;
  await withControl(
    flags,
    async (client) => {
      output = new LineOutput(process.stdout, client);
      await client.ask({ type: 'watch' });
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      await client.hasClosed();
      throw new CommandError(EXIT.unreachable, 'The server has ended the connection.');
    },
    (line) => output?.print(shown(line)),
  );
}

async function verify(room: string | undefined, flags: ControlFlags): Promise<void> {
  const rooms = await list(flags, { type: 'verify', room }, 'rooms', isVerifiedRoom);
  await show(flags, rooms, (tables) => tables.verifiedTable);
  const bad = rooms.filter(({ problems }) => problems.length > 0).length;
  if (bad > 0)
    throw new CommandError(EXIT.failed, `${bad} of ${rooms.length} logs ${bad === 1 ? 'has' : 'have'} problems.`);
}

async function exportRoom(room: string, flags: ControlFlags): Promise<void> {
  let output: LineOutput | undefined;
  await withControl(
    flags,
    async (client) => {
      output = new LineOutput(process.stdout, client);
      await client.ask({ type: 'export', room });
      output.flush();
    },
    (line) => output?.print(line),
  );
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
