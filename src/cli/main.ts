// The command line: the tree of subcommands, and the only place where an error becomes an exit code.

import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { printableLine } from '../protocol/index.ts';
import { defineAdmin } from './admin.ts';
import { defineCompletion } from './completion.ts';
import { CommandError, EXIT, type ExitCode } from './exit-codes.ts';
import { defineHelp } from './help.ts';
import { defineJoin } from './join.ts';
import { defineSay } from './say.ts';
import { defineServe } from './serve.ts';
import { usageSentence } from './usage-sentence.ts';

const EXAMPLES = `
Examples:
  $ roomchat serve                              start a server on this machine
  $ roomchat join lobby                         chat in the room "lobby"
  $ echo hi | roomchat say lobby                say each line of standard input
  $ roomchat admin broadcast lobby "restarting" speak as the server

Joining a room creates it. Its history is kept, and everybody who joins gets it.`;

/** The whole command tree. */
export function commandTree(): Command {
  const program = new Command('roomchat')
    .description(packageJson.description)
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  for (const define of [defineServe, defineJoin, defineSay, defineAdmin, defineCompletion]) define(program);
  defineHelp(program);
  return program;
}

/** Runs one command line and leaves its exit code in `process.exitCode`. `argv` is without the program's own name. */
export async function main(argv: readonly string[]): Promise<void> {
  handleClosedPipes();
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${sentence(`internal error: ${error.message}`)}\n`);
    process.exit(EXIT.failed);
  });
  process.exitCode = await exitCodeOf(argv);
}

async function exitCodeOf(argv: readonly string[]): Promise<ExitCode> {
  const program = commandTree();
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      // Where no command was given, commander has printed the help.
      if (error.code !== 'commander.help') process.stderr.write(`${sentence(usageSentence(error, program, argv))}\n`);
      return EXIT.usage;
    }
    const message = error instanceof CommandError ? error.message : `internal error: ${describe(error)}`;
    if (message !== '') process.stderr.write(`${sentence(message)}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.failed;
  }
}

/** Nothing that somebody else wrote reaches the terminal raw. */
function sentence(message: string): string {
  return `roomchat: ${printableLine(message)}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A reader that has left is not an error: `roomchat join lobby | head -1`. */
function handleClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
  });
  process.stderr.on('error', () => {});
}
