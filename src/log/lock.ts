// One server per data directory. Must never outlive the server that took it, however that one ended.
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { DataDirectoryInUse, systemCode } from './errors.ts';
import { type Lock, takeLockFile } from './lock-file.ts';

/** Throws DataDirectoryInUse. */
export function takeLock(directory: string): Promise<Lock> {
  return process.platform === 'linux' ? takeAbstractSocket(directory) : takeLockFile(directory);
}

/** The path of a Unix socket at its longest, its leading NUL included. */
const SOCKET_NAME_BYTES = 108;

/** A name without a file, which the kernel gives to one process at a time and takes back when that one dies. unix(7) */
function takeAbstractSocket(directory: string): Promise<Lock> {
  // By device and inode, so that two paths to one folder are one lock.
  const { dev, ino } = statSync(directory, { bigint: true });
  // As long as can be: some releases of Node fill a shorter name up with NULs, and so would make it another name.
  const path = `\0roomchat data directory ${dev} ${ino} `.padEnd(SOCKET_NAME_BYTES, '-');
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(systemCode(error) === 'EADDRINUSE' ? new DataDirectoryInUse(directory) : error);
    });
    server.listen(path, () => {
      // The kernel takes it back from nobody who lives.
      resolve({ isHeld: async () => true, release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}
