// Loaded before the command (`node --import`): a disk that is slow or fails, for the real command. What it does is read
// from the file in SLOW_DISK, which a test replaces while the server runs: {"latency": ms, "failOnce": "the call"}.
//
// A sync in the background holds a thread of the pool for its time, as fsync(2) does: it opens a FIFO that nobody writes
// to, until a timer does. A sync on the event loop stops the loop for as long.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';

const plan = process.env.SLOW_DISK ?? '';
const { openSync, closeSync, readFileSync, readlinkSync, renameSync, open, close } = fs;
const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
const fifos = [];
let made = 0;

function planned() {
  try {
    return JSON.parse(readFileSync(plan, 'utf8'));
  } catch {
    return { latency: 0 };
  }
}

function freshFifo() {
  const path = join(dirname(plan), `fifo-${process.pid}-${made++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

// Made at once: to run a command later would be a delay of its own.
for (let i = 0; i < 8; i++) fifos.push(freshFifo());

/** Holds a thread of the pool for `ms`, then calls `done`. */
function holdThread(ms, done) {
  const path = fifos.pop() ?? freshFifo();
  const release = () => {
    try {
      closeSync(openSync(path, O_WRONLY | O_NONBLOCK));
    } catch {
      // No thread has come to it yet.
      setTimeout(release, Math.min(ms, 5));
    }
  };
  open(path, O_RDONLY, (_error, fd) => {
    close(fd, () => {
      fifos.push(path);
      done();
    });
  });
  setTimeout(release, ms);
}

/** Whether this call is the one that is to fail, on what belongs to a room; it is the only time. */
function fails(call, path) {
  const { failOnce, ...rest } = planned();
  if (failOnce !== call || !path.includes('/rooms/')) return false;
  fs.writeFileSync(`${plan}.next`, JSON.stringify(rest));
  renameSync(`${plan}.next`, plan);
  return true;
}

function ioError(call) {
  return Object.assign(new Error(`EIO: i/o error, ${call}`), { code: 'EIO', syscall: call });
}

function pathOf(target) {
  try {
    return typeof target === 'number' ? readlinkSync(`/proc/self/fd/${target}`) : String(target);
  } catch {
    return '';
  }
}

for (const call of ['fsync', 'fdatasync']) {
  const inBackground = fs[call];
  fs[call] = (fd, callback) => {
    if (fails(call, pathOf(fd))) {
      setImmediate(callback, ioError(call));
      return;
    }
    const { latency } = planned();
    if (latency > 0) holdThread(latency, () => inBackground(fd, callback));
    else inBackground(fd, callback);
  };
  const now = fs[`${call}Sync`];
  fs[`${call}Sync`] = (fd) => {
    if (fails(call, pathOf(fd))) throw ioError(call);
    const { latency } = planned();
    if (latency > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, latency);
    now(fd);
  };
}

const others = ['open', 'close', 'fstat', 'read', 'write', 'ftruncate', 'fchmod', 'mkdir', 'rename', 'unlink'];
for (const call of others) {
  const real = fs[`${call}Sync`];
  fs[`${call}Sync`] = (target, ...rest) => {
    if (planned().failOnce === call && fails(call, pathOf(target))) throw ioError(call);
    return real(target, ...rest);
  };
}
const { read } = fs;
fs.read = (fd, ...rest) => {
  if (planned().failOnce === 'read' && fails('read', pathOf(fd))) setImmediate(rest.at(-1), ioError('read'));
  else read(fd, ...rest);
};
syncBuiltinESMExports();
