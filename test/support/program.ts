// Programs beside Node that a test needs. Without one the test is skipped, and says so; on CI, which installs them all,
// it fails instead, so that nothing is left out unnoticed.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether it can be run. */
export function hasProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, name))) || leaveOut(name, 'is not installed');
}

/** The same of one that a variable of the environment names, since the system's own may be too old. */
export function hasProgramOf(variable: string, name: string): boolean {
  return isExecutable(process.env[variable] ?? '') || leaveOut(name, `is not named by ${variable}`);
}

function leaveOut(name: string, why: string): false {
  if (process.env.CI !== undefined) throw new Error(`${name} ${why}, and CI leaves out no test.`);
  console.warn(`SKIPPED: what needs ${name}, which ${why} here.`);
  return false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
