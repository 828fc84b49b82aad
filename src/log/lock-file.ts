// The lock's entry where it is a file: the pid of its holder, when that started, and in which run of the machine.
// Must never hold for another process that has the pid now.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './errors.ts';
import { identityOf } from './process-identity.ts';

/** Goes with its folder. */
export function writeProcessFile(folder: string, name: string): { close(): Promise<void> } {
  const { started = '', boot = '' } = identityOf(process.pid) ?? {};
  writeFileSync(join(folder, name), `${process.pid} ${started}\n${boot}\n`, { flag: 'wx', mode: 0o600 });
  return { close: async () => {} };
}

export function isNamedProcessRunning(path: string): boolean {
  const [, digits, started, boot] = /^(\d+) (.*)\n(?:(.*)\n)?$/.exec(contentOf(path)) ?? [];
  const now = identityOf(Number(digits));
  if (now === undefined) return false;
  // Where the start could not be had, the pid must do; before 0.2 the boot was not noted.
  return started === '' || (started === now.started && (boot === undefined || boot === now.boot));
}

/** '' where it has been removed meanwhile. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}
