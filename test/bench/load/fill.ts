// Makes a room of a cluster with so many bytes, by the project's own code, as a node that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from '../../../src/cluster/index.ts';
import { type NewLine, openDataDirectory } from '../../../src/log/index.ts';
import { NO_OWNER, NO_SERVER } from '../../support/no-server.ts';

const TEXT = 'x'.repeat(1_000);
const LINES_AT_ONCE = 400;
const line: NewLine = {
  encode: (seq, at) =>
    `{"type":"message","seq":${seq},"at":${Math.max(at, Date.now())},"id":"i","nick":"n","text":"${TEXT}"}\n`,
  author: undefined,
};

export async function fillRoom(servers: readonly string[], room: string, bytes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'roomchat-bench-'));
  const directory = await openDataDirectory(folder, { sync: 'off', report: () => {}, fatal: () => {} });
  const cluster = await Cluster.join({ servers, prefix: '', node: 'filler', directory, headroom: 0, ...NO_SERVER });
  const opened = await cluster.rooms.create(room, { created: Date.now() });
  if (opened === undefined) throw new Error(`${room} exists.`);
  const { log, ledger } = opened;
  await new Promise<void>((resolve, reject) => {
    const own = ledger({
      committed: () => {
        if (log.durableEnd >= bytes) resolve();
        else setImmediate(say);
      },
      lost: (_, error) => reject(error),
      ...NO_OWNER,
    });
    const say = () => own.append(Array.from({ length: LINES_AT_ONCE }, () => line));
    say();
  });
  await log.close();
  await cluster.close();
  await directory.close();
  rmSync(folder, { recursive: true, force: true });
}
