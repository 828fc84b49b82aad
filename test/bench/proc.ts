// What the system knows of a process: CPU time of all its threads and resident memory. Linux only; reads, never asks.
import { readFileSync, writeFileSync } from 'node:fs';

/** The kernel counts in ticks; USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of all threads, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command's name stands in parentheses and may hold spaces: count behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory now, in bytes. */
export function residentBytes(pid: number): number {
  return statusField(pid, 'VmRSS');
}

/** Resident memory without the pages of files, in bytes: those the kernel takes from whoever is idle, as it likes. */
export function ownBytes(pid: number): number {
  return statusField(pid, 'RssAnon');
}

/** Starts measuring the peak of resident memory anew. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The highest resident memory since resetPeak, in bytes. */
export function peakBytes(pid: number): number {
  return statusField(pid, 'VmHWM');
}

function statusField(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}
