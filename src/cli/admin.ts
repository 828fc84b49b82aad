// `roomchat admin`: speaks and acts as the server, over the control path.

import type { Command } from 'commander';
import { hasShape, printableLine } from '../protocol/index.ts';
import { list, nickAndRoom, order, show, subcommand } from './admin-answers.ts';
import { isClientEntry, isRoomEntry, isVerifiedRoom } from './admin-entries.ts';
import { defineLogCommands } from './admin-logs.ts';
import { defineRemovals } from './admin-removals.ts';
import { defineRules } from './admin-rules.ts';
import { type ControlFlags, withControl } from './control.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { LineOutput } from './line-output.ts';
import { rowsOf } from './terminal-rows.ts';
import { roomName } from './values.ts';

const EXAMPLES = `
Examples:
  $ roomchat admin broadcast lobby "restarting in 5 minutes"
  $ roomchat admin clients                       who is there, and how far behind
  $ roomchat admin dm 7k3 psst                   a prefix of an id will do
  $ roomchat admin watch --json                  every event as a line
  $ roomchat admin ban 7k3 --for 2h spam         its address, for two hours

On the server's machine, no token is needed.`;

export function defineAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .description('Speak as the server, see who is there, keep somebody out, look after the logs.')
    .addHelpText('after', EXAMPLES);

  subcommand(admin, 'broadcast', 'say something to a whole room, or to every open room: "*"')
    .argument('<room>', 'the room', roomOrAll)
    .argument('<text...>', 'what to say')
    .action((room: string, words: readonly string[], flags: ControlFlags) =>
      order(flags, { type: 'broadcast', room, text: words.join(' ') }, ({ rooms }) =>
        typeof rooms === 'number' ? `Sent to ${rooms} ${rooms === 1 ? 'room' : 'rooms'}.` : `Sent to ${room}.`,
      ),
    );

  subcommand(admin, 'dm', 'say something to one client alone')
    .argument('<client-id>', 'its id, or a prefix that no other id has')
    .argument('<text...>', 'what to say')
    .action((id: string, words: readonly string[], flags: ControlFlags) =>
      order(flags, { type: 'dm', id, text: words.join(' ') }, (done) => `Sent to ${nickAndRoom(done)}.`),
    );

  defineRemovals(admin);
  defineRules(admin);

  subcommand(admin, 'rooms', 'list all rooms, those on disk too, by name').action(async (flags: ControlFlags) => {
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

  subcommand(admin, 'verify', 'check the logs: valid lines, rising numbers, matching checksums')
    .argument('[room]', 'only this room', roomName)
    .action(verify);

  subcommand(admin, 'export', "print a room's whole log as NDJSON")
    .argument('<room>', 'the room', roomName)
    .action(exportRoom);

  defineLogCommands(admin);
}

function roomOrAll(text: string): string {
  if (text === '*') return text;
  return roomName(text);
}

async function watch(flags: ControlFlags): Promise<void> {
  const { formatText, parseEvent } = await import('../server/index.ts');
  const shown = (line: string): string => {
    const event = flags.json ? undefined : parseEvent(line);
    if (event === undefined) return line;
    const text = formatText(event).slice(0, -1);
    return `${nodeOf(event)}${text}`;
  };
  const rows = await rowsOf(process.stdout);
  let output: LineOutput | undefined;
  await withControl(
    flags,
    async (client) => {
      output = new LineOutput(process.stdout, client, rows);
      await client.ask({ type: 'watch' });
      process.once('SIGINT', () => process.exit(EXIT.interrupted));
      await client.hasClosed();
      throw new CommandError(EXIT.unreachable, 'The server ended the connection.');
    },
    (line) => output?.print(shown(line)),
  );
}

/** Before a line of a cluster's: which server it comes from. */
function nodeOf(event: unknown): string {
  return hasShape(event, { node: 'string' }) ? `${printableLine(String(event.node))} ` : '';
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
