// `roomchat admin repair` and `roomchat admin import`: what puts a log right, and what brings one back.

import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { ControlClient } from '../client/index.ts';
import {
  exceedsBytes,
  type Fields,
  MAX_FRAME_BYTES,
  MAX_LOG_LINE_BYTES,
  MAX_PASSWORD_BYTES,
  printableLine,
  safeJson,
} from '../protocol/index.ts';
import type { HoleEntry } from './admin-tables.ts';
import { addControlFlags, type ControlFlags, withControl } from './control.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { firstLineOf, messageOf } from './files.ts';
import { inputLines } from './input-lines.ts';
import { roomName } from './values.ts';

interface ImportFlags extends ControlFlags {
  readonly open?: true;
  readonly passwordFile?: string;
}

export function defineLogCommands(admin: Command): void {
  addControlFlags(
    admin.command('repair').description('show what a damaged log has lost, and with --yes bring its room back'),
  )
    .argument('<room>', 'the room', roomName)
    .option('--yes', 'without it, nothing changes')
    .action(repair);

  addControlFlags(admin.command('import').description('create a room from an export'))
    .argument('<room>', 'the name of the new room', roomName)
    .argument('[file]', 'the lines as NDJSON; - is standard input', '-')
    .option('--open', 'leave the room open to everybody')
    .option('--password-file <file>', "read the room's password from the first line of a file; - is standard input")
    .action(importRoom);
}

async function repair(room: string, flags: ControlFlags & { readonly yes?: true }): Promise<void> {
  const command = { type: 'repair', room, ...(flags.yes && { yes: true }) };
  const done = await withControl(flags, (client) => client.ask(command));
  process.stdout.write(flags.json ? `${safeJson(done)}\n` : await repairText(room, done, flags.yes === true));
}

/** Our own server's answer: its holes are taken for what they say. */
async function repairText(room: string, done: Fields, isDone: boolean): Promise<string> {
  const { lines, missing, bytes, count, holes, keptIn, copy } = done;
  if (count === 0 && copy === true)
    return printableLine(`Nothing is wrong with the copy of ${room} here.`).concat('\n');
  if (count === 0)
    return printableLine(`Nothing is wrong with the log of ${room}: it has ${lines} lines.`).concat('\n');
  const { holesTable } = await import('./admin-tables.ts');
  const shown: HoleEntry[] = [];
  if (Array.isArray(holes)) for (const hole of holes) shown.push(hole);
  const what = `${bytes} bytes in ${count} ${count === 1 ? 'place' : 'places'}`;
  if (copy === true) {
    const sentence = isDone
      ? `The copy of ${room} at this node was wrong: ${what}. It was fetched anew with all ${lines} lines.`
      : `The copy of ${room} at this node is wrong: ${what}. It would be fetched anew, and nothing is lost. Add --yes to do it.`;
    return `${holesTable(shown)}\n${printableLine(sentence)}\n`;
  }
  const sentence =
    typeof keptIn === 'string'
      ? `Repaired ${room}: ${lines} lines are kept, ${missing} are lost. ${what} are in ${keptIn} on the server.`
      : `This would keep ${lines} lines of ${room} and lose ${missing}: ${what} would go into a file beside the log. Add --yes to do it.`;
  return `${holesTable(shown)}\n${printableLine(sentence)}\n`;
}

async function importRoom(room: string, file: string, flags: ImportFlags): Promise<void> {
  const password = newPassword(flags, file);
  const done = await withControl(flags, async (client) => {
    await client.ask({ type: 'import', room, ...(password === undefined ? { open: true } : { password }) });
    await sendLog(client, file);
    return client.ask({ type: 'imported' });
  });
  const text = `Made ${room} of ${done.lines} lines${password === undefined ? '' : ', with a password'}.`;
  process.stdout.write(flags.json ? `${safeJson(done)}\n` : `${printableLine(text)}\n`);
}

/** An export does not say whether its room had a password: whoever brings it back has to. */
function newPassword({ open, passwordFile }: ImportFlags, file: string): string | undefined {
  if ((open === undefined) === (passwordFile === undefined)) {
    throw new CommandError(
      EXIT.usage,
      'Say who may read the new room: --password-file FILE gives it a password, --open lets everybody in.',
    );
  }
  if (passwordFile === undefined) return undefined;
  if (passwordFile === '-' && file === '-') {
    throw new CommandError(EXIT.usage, 'Standard input cannot be both the log and the password.');
  }
  const password = firstLineOf(passwordFile, 'password');
  if (password === '' || exceedsBytes(password, MAX_PASSWORD_BYTES)) {
    throw new CommandError(EXIT.usage, `A password has 1 to ${MAX_PASSWORD_BYTES} bytes.`);
  }
  return password;
}

/** In frames of at most 64 KiB, no faster than the server takes them. */
async function sendLog(client: ControlClient, file: string): Promise<void> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let frame = '';
  let bytes = 0;
  let number = 0;
  try {
    for await (const line of inputLines(input, MAX_LOG_LINE_BYTES)) {
      number += 1;
      const length = Buffer.byteLength(line) + 1;
      if (length > MAX_LOG_LINE_BYTES + 1) {
        throw new CommandError(EXIT.failed, `Line ${number} is longer than any line of a log. Nothing was created.`);
      }
      if (bytes + length > MAX_FRAME_BYTES) {
        await client.sendLines(frame);
        frame = '';
        bytes = 0;
      }
      frame += `${line}\n`;
      bytes += length;
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CommandError(EXIT.usage, `The log ${file} cannot be read: ${messageOf(error)}. Nothing was created.`);
  }
  if (frame !== '') await client.sendLines(frame);
}
