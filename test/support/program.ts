// Programs beside Node that a test needs. Without one the test is skipped, and says so; on CI, which installs them all,
// it fails instead, so that nothing is left out unnoticed.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether it can be run. */
export function hasProgram(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  if (folders.some((folder) => isExecutable(join(folder, name)))) return true;
  if (process.env.CI !== undefined) throw new Error(`${name} is not installed, and CI leaves out no test.`);
  console.warn(`SKIPPED: what needs ${name}, which is not installed here.`);
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
