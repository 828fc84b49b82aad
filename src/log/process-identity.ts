// Which process a pid stood for: a pid is given to another process some day, and after a boot all are given anew.
// Must never answer for a process that has ended, also where its parent has not heard of that yet.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { knownBootId } from './boot-id.ts';
import { systemCode } from './errors.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as this system says it; '' where that cannot be had. */
  readonly started: string;
  /** The run of the machine that it belongs to; '' where that cannot be had. */
  readonly boot: string;
}

/** The process that has this pid now, or undefined where none has. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return undefined;
  const started = process.platform === 'linux' ? startInProc(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started, boot: knownBootId() ?? '' };
}

export function isRunning({ pid, started, boot }: ProcessIdentity): boolean {
  const now = identityOf(pid);
  return now !== undefined && now.started === started && now.boot === boot;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return systemCode(error) === 'EPERM';
  }
}

/** In clock ticks since the boot; undefined for a process that has ended. proc_pid_stat(5) */
function startInProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
  // Counted from behind the name, which may hold blanks and brackets itself: the state, and field 22 of all.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : (fields[18] ?? '');
}

function startByPs(pid: number): string {
  if (process.platform === 'win32') return '';
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
