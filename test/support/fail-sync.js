// Loaded before the command (`node --import`): every fdatasync fails with EIO once the file in FAIL_SYNC_FROM exists, and
// each further one is noted in it. So a failing disk can be shown with the real command.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const from = process.env.FAIL_SYNC_FROM ?? '';
const { fdatasync } = fs;
fs.fdatasync = (fd, callback) => {
  if (!fs.existsSync(from)) {
    fdatasync(fd, callback);
    return;
  }
  fs.appendFileSync(from, 'failed\n');
  setImmediate(callback, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
};
syncBuiltinESMExports();
