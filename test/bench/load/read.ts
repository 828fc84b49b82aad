// Readers of one long history: how fast it comes, and how far the server's memory rises meanwhile.
import { connect } from 'node:net';
import { cpuSeconds, peakBytes, resetPeak, residentBytes } from '../proc.ts';
import type { Figures, ReadJob } from './job.ts';
import { clientFrame, upgradeRequest } from './raw-client.ts';

export async function read(job: ReadJob): Promise<Figures> {
  // The first reader only loads code.
  await readOne({ ...job, bytes: Math.min(job.bytes, 4 * 1024 * 1024) });
  const before = residentBytes(job.pid);
  resetPeak(job.pid);
  const cpuBefore = cpuSeconds(job.pid);
  const began = performance.now();
  await Promise.all(Array.from({ length: job.readers }, () => readOne(job)));
  const seconds = (performance.now() - began) / 1000;
  const total = job.bytes * job.readers;
  return {
    rate: total / seconds,
    cpu: (cpuSeconds(job.pid) - cpuBefore) / total,
    bytes: peakBytes(job.pid) - before,
  };
}

function readOne({ port, room, bytes, bare }: ReadJob): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.allocUnsafeSlow(256 * 1024),
        callback: (length) => {
          left -= length;
          if (left <= 0) {
            socket.destroy();
            resolve();
          }
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`a reader was left with ${left} bytes to come`)));
    if (bare) return;
    socket.write(upgradeRequest(port, room));
    socket.write(clientFrame('{"type":"join","since":0}'));
  });
}
