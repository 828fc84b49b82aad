// 10,000 messages over connections that break all the time, and as many through the commands themselves.
// Usage: node test/support/run.js test/soak/cut-off.ts [--cycles MESSAGES] [--seed S]

import { cutOffCommands, cutOffSessions } from '../e2e/faults/cut-off.ts';
import { soak } from './soak.ts';

await soak(10_000, async ({ cycles, seed }) => {
  const sessions = await cutOffSessions({ messages: cycles, seed });
  const commands = await cutOffCommands({ messages: cycles, cuts: Math.ceil(cycles / 200), seed });
  return {
    counted: { ...sessions.counted, ofCommands: commands.counted.messages ?? 0, cuts: commands.counted.cuts ?? 0 },
    violations: [...sessions.violations, ...commands.violations],
  };
});
