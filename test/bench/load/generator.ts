// The load generator's process: does one job, prints its figures as a line of JSON, and ends.
import { once } from 'node:events';
import { ownScript, start } from '../child.ts';
import { append } from './append.ts';
import { idle } from './idle.ts';
import type { Figures, Job } from './job.ts';
import { joinAndGo } from './join.ts';
import { read } from './read.ts';
import { replays } from './replays.ts';
import { rush } from './rush.ts';
import { storm } from './storm.ts';
import { talk } from './talk.ts';

/** No job takes longer. */
const JOB_MS = 180_000;

/** Has a process of its own do it. */
export async function generate(job: Job): Promise<Figures> {
  const command = [process.execPath, ownScript(), 'load', JSON.stringify(job)] as const;
  const child = start([...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), JOB_MS);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return JSON.parse(output);
}

export async function runLoad(text: string): Promise<void> {
  const job: Job = JSON.parse(text);
  const figures = await run(job);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exit(0);
}

function run(job: Job): Promise<Figures> {
  switch (job.kind) {
    case 'talk':
      return talk(job);
    case 'join':
      return joinAndGo(job);
    case 'idle':
      return idle(job);
    case 'storm':
      return storm(job);
    case 'rush':
      return rush(job);
    case 'replays':
      return replays(job);
    case 'append':
      return append(job);
    case 'read':
      return read(job);
  }
}
