// Loaded before a program (`node --import`): it is killed, as `kill -9` does it, at its KILL_AT_RENAME-th rename of a file,
// before or after it in turn. So a program can be killed just where it writes its state down.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.KILL_AT_RENAME);
const { renameSync } = fs;
let renames = 0;
fs.renameSync = (from, to) => {
  renames += 1;
  if (renames === at && at % 2 === 0) process.kill(process.pid, 'SIGKILL');
  renameSync(from, to);
  if (renames === at) process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();
