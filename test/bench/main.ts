// `npm run bench -- [scenario…] [--rounds N] [--quick]`: our server beside what a user would pick instead, in the same
// run, in turn. Prints the best of several rounds as tables. Needs Linux, and a machine that has nothing else to do.
import { parseArgs } from 'node:util';
import { killAll } from './child.ts';
import { runLoad } from './load/generator.ts';
import type { Figures } from './load/job.ts';
import { runPeer } from './peers/other.ts';
import { clusterScenarios } from './scenarios/cluster.ts';
import { compressed } from './scenarios/compressed.ts';
import { handshake, idle, join } from './scenarios/connections.ts';
import { many, open, replay, replay20, since } from './scenarios/long-history.ts';
import { memory, rush, storm } from './scenarios/rushes.ts';
import { begin, say } from './scenarios/saying.ts';
import type { Contender, Scenario } from './scenarios/scenario.ts';
import { hot, rooms, trickle } from './scenarios/talking.ts';
import { best, table } from './table.ts';

const SCENARIOS: readonly Scenario[] = [
  trickle,
  hot,
  rooms,
  replay,
  replay20,
  idle,
  handshake,
  join,
  storm,
  rush,
  memory,
  compressed,
  say,
  begin,
  open,
  since,
  many,
  ...clusterScenarios,
];

async function bench(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => isMeant(scenario, name)));
  if (unknown.length > 0 || !(rounds > 0)) {
    process.stderr.write(`usage: npm run bench -- [${SCENARIOS.map(({ name }) => name).join('|')}]… [--rounds N]\n`);
    process.exitCode = 2;
    return;
  }
  for (const scenario of SCENARIOS) {
    if (positionals.length > 0 && !positionals.some((name) => isMeant(scenario, name))) continue;
    process.stdout.write(`${table(scenario, await measure(scenario, rounds, values.quick))}\n`);
  }
}

/** By its name, or by the group that it begins with: `cluster` is all of `cluster-…`. */
function isMeant({ name }: Scenario, wish: string): boolean {
  return name === wish || name.startsWith(`${wish}-`);
}

/** The best figures of each contender that is there. */
async function measure(scenario: Scenario, rounds: number, quick: boolean): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  const there = scenario.contenders.filter(isThere);
  for (let round = 1; round <= rounds; round++) {
    for (const contender of there) {
      process.stderr.write(`${scenario.name}: round ${round} of ${rounds}, ${contender.name}\n`);
      figures.set(contender.name, best(figures.get(contender.name), await contender.measure(quick)));
    }
  }
  return figures;
}

function isThere({ name, isThere = () => true }: Contender): boolean {
  if (isThere()) return true;
  process.stdout.write(`**${name} is not there and is SKIPPED: its ratios are missing below.**\n\n`);
  return false;
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const [role, ...rest] = process.argv.slice(2);
if (role === 'load') await runLoad(rest[0] ?? '');
else if (role === 'peer') await runPeer(rest[0] ?? '', Number(rest[1]), rest[2] ?? '');
else await bench(process.argv.slice(2));
