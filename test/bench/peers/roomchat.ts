// This project's server, as its user starts it: every message in the log, the console written to /dev/null.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, listening, start, stop } from '../child.ts';
import type { Peer, StartOptions } from './peer.ts';

export const COMMAND = resolve('bin/roomchat.js');

export const roomchat: Peer = {
  name: 'roomchat',
  async start({ data, flags: more = [] }: StartOptions = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'roomchat-bench-'));
    const port = await freePort();
    const flags = [
      '--port',
      `${port}`,
      '--data',
      data ?? join(folder, 'data'),
      '--rate',
      '0',
      '--log-format',
      'text',
      ...more,
    ];
    const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
    const child = start([process.execPath, COMMAND, 'serve', ...flags], { env });
    await listening(port, child);
    return {
      pid: child.pid ?? 0,
      port,
      stop: async () => {
        await stop(child);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
