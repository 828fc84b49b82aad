// `roomchat help join`, `roomchat admin help kick`: as `--help`, but a command that does not exist is an error.

import type { Command } from 'commander';

/** Of a command that has subcommands, and of each of them that has some. */
export function defineHelp(parent: Command): void {
  for (const child of parent.commands) if (child.commands.length > 0) defineHelp(child);
  parent.helpCommand(false);
  parent
    .command('help')
    .description('show the help of a command')
    .argument('[command...]', 'the command')
    .action(async (names: readonly string[]) => {
      let command = parent;
      for (const name of names) {
        const next = command.commands.find((child) => child.name() === name);
        // It says so, and which one may be meant.
        if (next === undefined) {
          await command.parseAsync([name], { from: 'user' });
          return;
        }
        command = next;
      }
      command.outputHelp();
    });
}
