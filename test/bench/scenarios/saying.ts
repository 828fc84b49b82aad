// The command that says something: how long one call takes, and how fast a long input goes through.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { start } from '../child.ts';
import type { Figures } from '../load/job.ts';
import { COMMAND, roomchat } from '../peers/roomchat.ts';
import { cpuSeconds } from '../proc.ts';
import { type Contender, type Scenario, server } from './scenario.ts';

const LINES = 200_000;
const CALLS = 20;

export const say: Scenario = {
  name: 'say',
  about: "`seq 1 200000 | roomchat say`, until every message has its receipt (CPU: the server's, for each)",
  contenders: [
    server(roomchat, async ({ pid, port }, quick): Promise<Figures> => {
      const lines = quick ? LINES / 10 : LINES;
      const cpuBefore = cpuSeconds(pid);
      const began = performance.now();
      const input = spawn('seq', ['1', `${lines}`], { stdio: ['ignore', 'pipe', 'inherit'] });
      const saying = start(sayCommand(port), { stdio: [input.stdout, 'ignore', 'inherit'] });
      await ended(saying);
      const seconds = (performance.now() - began) / 1000;
      return { rate: lines / seconds, cpu: (cpuSeconds(pid) - cpuBefore) / lines };
    }),
  ],
  targets: [],
};

export const begin: Scenario = {
  name: 'start',
  about: 'one call of `roomchat say`, from its start to exit 0, against a running server',
  contenders: [
    server(roomchat, ({ port }) => calls([...sayCommand(port), 'hi'])),
    bare('node -e 0', [process.execPath, '-e', '0']),
  ],
  targets: [{ figure: 'seconds', times: 2, of: 'node -e 0' }],
};

function bare(name: string, command: [string, ...string[]]): Contender {
  return { name, measure: () => calls(command) };
}

function sayCommand(port: number): [string, ...string[]] {
  return [process.execPath, COMMAND, 'say', 'bench', '--server', `127.0.0.1:${port}`];
}

/** The fastest of several. */
async function calls(command: [string, ...string[]]): Promise<Figures> {
  let seconds = Infinity;
  for (let i = 0; i < CALLS; i++) {
    const began = performance.now();
    await ended(start(command));
    seconds = Math.min(seconds, (performance.now() - began) / 1000);
  }
  return { seconds };
}

async function ended(child: ReturnType<typeof start>): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the command ended with ${code}`);
}
