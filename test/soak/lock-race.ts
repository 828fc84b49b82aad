// Starts servers on one data directory at the same time, kills the one that has it, and starts another. As root, in every
// other round a second user squats on the name by which 0.1 locked the directory.
// Usage: node test/support/run.js test/soak/lock-race.ts [rounds]
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildChild, type Child, kill, startChild } from '../log/children.ts';
import { startSquatter } from '../log/squatter.ts';
import { isRoot } from '../support/other-user.ts';

const rounds = Number(process.argv[2] ?? 100);
const path = mkdtempSync(join(tmpdir(), 'roomchat-soak-'));
const { folder, script } = await buildChild();
const violations: string[] = [];
let winners = 0;
let refused = 0;
let successors = 0;
let squatted = 0;

const start = (directory: string) => startChild(script, 'hold', directory);

/** Every file with what it holds and when it was written. */
function snapshot(directory: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const described = files.map((name) => {
    const file = join(directory, name);
    const status = statSync(file);
    return [name, status.mtimeMs, status.ino, status.isFile() ? readFileSync(file, 'hex') : ''];
  });
  return JSON.stringify(described);
}

for (let round = 0; round < rounds; round += 1) {
  // Every other round the directory is new, so that two also make it at once.
  const directory = join(path, `data-${round % 2 === 0 ? round : round - 1}`);
  const squatter = round % 2 === 1 && isRoot() ? await startSquatter(directory) : undefined;
  if (squatter?.said === 'squats') squatted += 1;
  const children: Child[] = await Promise.all([start(directory), start(directory)]);
  const holding = children.filter(({ said }) => said === 'held');
  winners += holding.length;
  refused += children.filter(({ said }) => said === 'DataDirectoryInUse').length;
  if (holding.length !== 1) violations.push(`round ${round}: ${children.map(({ said }) => said).join(', ')}`);

  const before = snapshot(directory);
  const late = await start(directory);
  if (late.said !== 'DataDirectoryInUse') violations.push(`round ${round}: a third one said ${late.said}`);
  await kill(late);
  if (late.process.exitCode === 0) violations.push(`round ${round}: the third one ended with 0`);
  if (snapshot(directory) !== before) violations.push(`round ${round}: the one that was refused wrote something`);

  await Promise.all(children.map(kill));
  const successor = await start(directory);
  if (successor.said === 'held') successors += 1;
  else violations.push(`round ${round}: after the kill one said ${successor.said}`);
  await kill(successor);
  if (squatter !== undefined) await kill(squatter);
}
rmSync(folder, { recursive: true, force: true });
rmSync(path, { recursive: true, force: true });
for (const violation of violations) console.log(violation);
console.log(
  `${rounds} rounds: ${winners} got the lock, ${refused} were refused, ${successors} followed a killed one, ` +
    `${squatted} rounds with a squatter, ${violations.length} violations`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
