// `roomchat admin`: speaks and acts as the server, over the control path.

import type { Command } from 'commander';
import {
  type ClientEntry,
  escapeUnsafe,
  type Fields,
  printableLine,
  type RoomEntry,
  safeJson,
} from '../protocol/index.ts';
import { defineLogCommands } from './admin-logs.ts';
import type { VerifiedRoom } from './admin-tables.ts';
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
    await show(flags, await list<RoomEntry>(flags, { type: 'rooms' }, 'rooms'), (tables) => tables.roomsTable);
  });

  subcommand(admin, 'clients', 'list the clients')
    .argument('[room]', 'only those of this room', roomName)
    .action(async (room: string | undefined, flags: ControlFlags) => {
      await show(
        flags,
        await list<ClientEntry>(flags, { type: 'clients', room }, 'clients'),
        (tables) => tables.clientsTable,
      );
    });

  subcommand(admin, 'watch', 'print every event as it happens').action(watch);

  subcommand(admin, 'verify', 'check the logs: every line valid, every number rising, every sum right')
    .argument('[room]', 'only this room', roomName)
    .action(verify);

  subcommand(admin, 'export', "print a room's whole log as NDJSON")
    .argument('<room>', 'the room', roomName)
    .action(exportRoom);

  defineLogCommands(admin);

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
  process.stdout.write(flags.json ? `${safeJson(done)}\n` : `${printableLine(sentence(done))}\n`);
}

function nickAndRoom({ nick, room }: Fields): string {
  return `${nick} in ${room}`;
}

/** A command whose answer is a list under `field`. Our own server's answer: its entries are taken for what they say. */
async function list<Entry>(flags: ControlFlags, command: Fields, field: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const collect = (fields: Fields): void => {
    const part = fields[field];
    if (!Array.isArray(part)) throw new CommandError(EXIT.failed, 'The server answered with something unexpected.');
    for (const entry of part) entries.push(entry);
  };
  collect(await withControl(flags, (client) => client.ask(command, collect)));
  return entries;
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
  const print = (line: string): void => {
    const event = flags.json ? undefined : parseEvent(line);
    process.stdout.write(event === undefined ? `${escapeUnsafe(line)}\n` : formatText(event));
  };
  await withControl(
    flags,
    async (client) => {
      await client.ask({ type: 'watch' });
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      await client.hasClosed();
      throw new CommandError(EXIT.unreachable, 'The server has ended the connection.');
    },
    print,
  );
}

async function verify(room: string | undefined, flags: ControlFlags): Promise<void> {
  const rooms = await list<VerifiedRoom>(flags, { type: 'verify', room }, 'rooms');
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
    (line) => output?.print(process.stdout.isTTY ? escapeUnsafe(line) : line),
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
