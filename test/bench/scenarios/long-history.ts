// A room with a long past: replayed in full beside a bare pipe of the same file, and opened, whatever its size.
import { statSync } from 'node:fs';
import { generate } from '../load/generator.ts';
import type { Figures } from '../load/job.ts';
import { pipe } from '../peers/other.ts';
import { roomchat } from '../peers/roomchat.ts';
import { logOf, makeRoom, makeRooms } from './history.ts';
import { inFolder } from './in-folder.ts';
import { openings } from './opening.ts';
import { type Contender, type Scenario, server } from './scenario.ts';

const MESSAGES = 1_000_000;
const MIB = 1024 * 1024;

function reading(name: string, bare: boolean, readers: number): Contender {
  return {
    name,
    measure: (quick) =>
      inFolder(async (data) => {
        await makeRoom(data, 'long', quick ? MESSAGES / 5 : MESSAGES);
        const file = logOf(data, 'long');
        const bytes = statSync(file).size;
        const job = { kind: 'read', room: 'long', readers, bytes, bare } as const;
        const contender = server(bare ? pipe(file) : roomchat, ({ pid, port }) => generate({ ...job, pid, port }), {
          data,
        });
        return contender.measure(quick);
      }),
  };
}

function replaying(name: string, readers: number, mebibytes: number): Scenario {
  return {
    name,
    about: `a room of 1,000,000 messages to ${readers === 1 ? 'one joiner' : `${readers} joiners at once`} (bytes a second; memory: rise of the peak)`,
    contenders: [reading('roomchat', false, readers), reading('pipe', true, readers)],
    targets: [
      { figure: 'rate', times: 0.6, of: 'pipe' },
      { figure: 'bytes', times: mebibytes * MIB },
    ],
  };
}

export const replay = replaying('replay', 1, 32);
export const replay20 = replaying('replay20', 20, 64);

function opening(name: string, bytes: number, part: 'open' | 'since'): Contender {
  return {
    name,
    measure: (quick): Promise<Figures> =>
      inFolder((data) => openings(data, quick ? Math.min(bytes, 64 * MIB) : bytes, part)),
  };
}

export const open: Scenario = {
  name: 'open',
  about: 'the first join of a room whose log is this long, from the join to the live line; nothing is replayed',
  contenders: [opening('1 GiB', 1024 * MIB, 'open'), opening('1 MiB', MIB, 'open')],
  targets: [{ figure: 'seconds', times: 2, of: '1 MiB' }],
};

export const since: Scenario = {
  name: 'since',
  about: 'a join that asks for what came since, 10 lines before the end of the log',
  contenders: [opening('1 GiB', 1024 * MIB, 'since')],
  targets: [{ figure: 'seconds', times: 0.005 }],
};

const ON_DISK = 10_000;

/** Rooms of 4 in which everyone talks, in a data directory that may hold many more. */
function among(name: string, active: number, onDisk: number): Contender {
  return {
    name,
    measure: (quick) =>
      inFolder(async (data) => {
        const all = quick ? onDisk / 10 : onDisk;
        await makeRooms(data, all);
        const talk = { rooms: active, members: 4, senders: 4, window: 1 };
        // The first message of each room makes its log's mark durable, which takes the disk's time.
        const [warmUpMs, measureMs] = quick ? [3_000, 1_500] : [10_000, 5_000];
        const contender = server(
          roomchat,
          ({ pid, port }) => generate({ kind: 'talk', pid, port, warmUpMs, measureMs, ...talk }),
          { data },
        );
        return contender.measure(quick);
      }),
  };
}

export const many: Scenario = {
  name: 'many',
  about: 'rooms of 4 in which everyone talks: 1,000 of 10,000 on disk, beside 100 of 100',
  contenders: [among('10,000 rooms', 1_000, ON_DISK), among('100 rooms', 100, 100)],
  targets: [{ figure: 'cpuPerDelivery', times: 1.2, of: '100 rooms' }],
};
