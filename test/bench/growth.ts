// `node test/support/run.js test/bench/growth.ts [--quick]`: deliveries for each second of the server's CPU as one room
// grows, and as the rooms become more. Prints two Markdown tables. Needs Linux, a machine that has nothing else to do, and
// for 10,000 rooms 35,000 open files.
import { fitDescriptors, openFileLimit } from '../../src/cli/descriptors.ts';
import { placesToWait } from '../../src/server/index.ts';
import { killAll } from './child.ts';
import { generate, runLoad } from './load/generator.ts';
import type { TalkJob } from './load/job.ts';
import { roomchat } from './peers/roomchat.ts';

type Talk = Pick<TalkJob, 'rooms' | 'members' | 'senders' | 'window'>;

const MEMBERS = [10, 100, 1_000, 5_000];
const ROOMS = [1, 10, 100, 1_000, 6_000, 10_000];
const ROOM_OF = 2;

async function growth(quick: boolean): Promise<void> {
  heading('one room, 10 senders with a window of 16', 'members');
  for (const members of MEMBERS) {
    await row(members, { rooms: 1, members, senders: 10, window: 16 }, quick);
  }
  heading(`rooms of ${ROOM_OF}, both talk, one message under way each`, 'rooms');
  for (const rooms of ROOMS) await row(rooms, { rooms, members: ROOM_OF, senders: ROOM_OF, window: 1 }, quick);
}

function heading(about: string, of: string): void {
  process.stdout.write(`\n${about}:\n\n| ${of} | deliveries a CPU-second | CPU a delivery |\n|---:|---:|---:|\n`);
}

async function row(count: number, talk: Talk, quick: boolean): Promise<void> {
  const wanted = { clients: talk.rooms * talk.members + 1, openRooms: talk.rooms };
  const most = openFileLimit();
  const fits = fitDescriptors(wanted, most, placesToWait);
  if (fits.clients < wanted.clients || fits.openRooms < wanted.openRooms) {
    print(count, `not measured: ${most} open files (ulimit -n) are too few`, '');
    return;
  }
  const { pid, port, stop } = await roomchat.start({ flags: ['--max-clients', `${wanted.clients}`] });
  try {
    // The first message of each room makes its log's mark durable, which takes the disk's time.
    const warmUpMs = 2_000 + talk.rooms * 10;
    const measureMs = quick ? 1_500 : 5_000;
    const { cpuPerDelivery = Number.NaN } = await generate({ kind: 'talk', pid, port, warmUpMs, measureMs, ...talk });
    if (!(cpuPerDelivery > 0)) throw new Error('nothing came in the time');
    print(count, Math.round(1 / cpuPerDelivery).toLocaleString('en-US'), `${(cpuPerDelivery * 1e6).toFixed(2)} µs`);
  } finally {
    await stop();
  }
}

function print(count: number, perSecond: string, cpu: string): void {
  process.stdout.write(`| ${count.toLocaleString('en-US')} | ${perSecond} | ${cpu} |\n`);
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const [role, job = ''] = process.argv.slice(2);
if (role === 'load') await runLoad(job);
else await growth(role === '--quick');
