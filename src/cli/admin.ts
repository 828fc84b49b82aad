// `roomchat admin`: speaks and acts as the server, over the control path.

import type { Command } from 'commander';

export function defineAdmin(program: Command): void {
  program.command('admin').description('Speak as the server, see who is there, remove somebody.');
}
