// The servers that a user would pick instead. Each is this very script, started again to be that server.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort, listening, ownScript, start, stop } from '../child.ts';
import { PACKAGES, packagesFolder } from './packages.ts';
import type { Peer, PeerName } from './peer.ts';

function other(name: PeerName, program: () => string, ...args: string[]): Peer {
  return {
    name,
    async start() {
      const port = await freePort();
      const child = start([program(), ownScript(), 'peer', name, `${port}`, ...args]);
      await listening(port, child);
      return { pid: child.pid ?? 0, port, stop: () => stop(child) };
    },
  };
}

export const ws = other('ws', () => process.execPath);
export const uWebSockets = other('uWebSockets', () => process.execPath);
/** The least that Node can do. */
export const bareNode = other('bare Node', () => process.execPath);
export const bun = other('Bun', () => join(packagesFolder(), 'node_modules', PACKAGES.bun.name, 'bin', 'bun'));

/** A bare `fs.createReadStream(file).pipe(socket)` to whoever connects. */
export function pipe(file: string): Peer {
  return other('pipe', () => process.execPath, file);
}

/** Runs as that server, until it is told to go. */
export async function runPeer(name: string, port: number, file: string): Promise<void> {
  if (name === 'ws') (await import('./ws-server.ts')).serve(port);
  else if (name === 'uWebSockets') {
    const require = createRequire(join(packagesFolder(), 'package.json'));
    (await import('./uwebsockets-server.ts')).serve(port, require(PACKAGES.uWebSockets.name));
  } else if (name === 'Bun') (await import('./bun-server.ts')).serve(port);
  else if (name === 'bare Node') (await import('./bare-server.ts')).serve(port);
  else (await import('./pipe-server.ts')).serve(port, file);
}
