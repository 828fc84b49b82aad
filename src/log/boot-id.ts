// Which run of the machine this is: lines that were not synced survive a crashed server, but not a new boot.
// Must never answer the same for two boots; `bootId` answering differently within one only skips numbers.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where the system does not say, every start counts as a new boot. */
export function bootId(): string {
  return knownBootId() ?? randomUUID();
}

/** Undefined where the system does not say. */
export function knownBootId(): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (process.platform === 'darwin') {
      return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
    }
  } catch {
    // As on a system that has no such number.
  }
  return undefined;
}
