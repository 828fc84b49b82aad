// How `roomchat admin` asks one thing and shows the answer: as a sentence, as a table, or as JSON.

import type { Command } from 'commander';
import { type Fields, hasShape, printableLine, safeJson } from '../protocol/index.ts';
import { addControlFlags, type ControlFlags, withControl } from './control.ts';
import { CommandError, EXIT } from './exit-codes.ts';

export function subcommand(admin: Command, name: string, description: string): Command {
  return addControlFlags(admin.command(name).description(description));
}

/** A command whose answer is one sentence, made of what `isAnswer` holds for: without one, of no lists and no objects. */
export async function order(
  flags: ControlFlags,
  command: Fields,
  sentence: (done: Fields) => string,
  isAnswer: (done: Fields) => boolean = isFlat,
): Promise<void> {
  const done = await withControl(flags, (client) => client.ask(command));
  if (!isAnswer(done)) throw unexpected();
  process.stdout.write(flags.json ? `${safeJson(done)}\n` : `${printableLine(sentence(done))}\n`);
}

/** One whose nick the server does not know has its id alone. */
export function nickAndRoom({ nick, id, room }: Fields): string {
  return `${nick ?? id} in ${room}`;
}

/** A command whose answer is a list of such entries under `field`. */
export async function list<Entry>(
  flags: ControlFlags,
  command: Fields,
  field: string,
  isEntry: (value: unknown) => value is Entry,
): Promise<Entry[]> {
  const parts: Fields[] = [];
  const done = await withControl(flags, (client) => client.ask(command, (part) => parts.push(part)));
  parts.push(done);
  warnOfSilent(done);
  return parts.flatMap(({ [field]: entries }) => {
    if (!Array.isArray(entries) || !entries.every(isEntry)) throw unexpected();
    return entries;
  });
}

/** In a cluster a list may not be whole. */
function warnOfSilent(done: Fields): void {
  if (!hasShape(done, { silent: 'string[]' })) return;
  const { silent } = done;
  if (!Array.isArray(silent)) return;
  process.stderr.write(
    `roomchat: ${printableLine(silent.join(', '))} did not answer: what is there is missing here.\n`,
  );
}

function isFlat(done: Fields): boolean {
  return Object.values(done).every((field) => typeof field !== 'object');
}

function unexpected(): CommandError {
  return new CommandError(EXIT.failed, 'The server answered with something unexpected.');
}

type Tables = typeof import('./admin-tables.ts');

export async function show<Entry>(
  flags: ControlFlags,
  entries: readonly Entry[],
  tableOf: (tables: Tables) => (entries: readonly Entry[]) => string,
): Promise<void> {
  const text = flags.json
    ? entries.map((entry) => `${safeJson(entry)}\n`).join('')
    : tableOf(await import('./admin-tables.ts'))(entries);
  process.stdout.write(text);
}
