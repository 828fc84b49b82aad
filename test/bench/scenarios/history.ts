// Makes the rooms that a scenario finds on disk, by the project's own log, but without waiting for the disk.
import { join } from 'node:path';
import { nodeFileSystem, openDataDirectory } from '../../../src/log/index.ts';

const LINES_AT_ONCE = 1_000;
const TEXT = 'x'.repeat(100);
const SENTENCE_WORDS = 16;

/** The log's file; for names that are their own folder's. */
export function logOf(data: string, room: string): string {
  return join(data, 'rooms', room, 'log.ndjson');
}

function openUnsynced(data: string, sync: 'always' | 'off' = 'off') {
  const fs = {
    ...nodeFileSystem,
    sync: () => {},
    syncInBackground: async () => {},
    syncDataInBackground: async () => {},
  };
  const fatal = (error: unknown) => {
    throw error;
  };
  return openDataDirectory(data, { sync, fs, report: () => {}, fatal });
}

/**
 * A room with so many messages, or with so many bytes of them, of the same text unless `textOf` says otherwise. Answers the
 * last seq.
 */
export async function makeRoom(
  data: string,
  room: string,
  messages: number,
  bytes = Infinity,
  textOf: (seq: number) => string = () => TEXT,
): Promise<number> {
  const directory = await openUnsynced(data);
  const log = await directory.create(room, { created: Date.now() }, { durable: () => {}, late: () => {} });
  let seq = 0;
  while (seq < messages && log.appendedEnd < bytes) {
    let lines = '';
    for (let i = 0; i < LINES_AT_ONCE; i++) lines += line(++seq, textOf(seq));
    log.append(Buffer.from(lines), seq);
  }
  await directory.close();
  await summed(data, room);
  return seq;
}

/** Opens the room until its log has its sums, as every log has that was served for a while. */
async function summed(data: string, room: string): Promise<void> {
  const directory = await openUnsynced(data, 'always');
  const log = await directory.open(room, { durable: () => {}, late: () => {} });
  const isSummed = async () => (await directory.upkeep.verify(room, () => {})).summed > log.appendedEnd - 1024 * 1024;
  while (!(await isSummed())) await new Promise((resolve) => setTimeout(resolve, 1_000));
  await log.close();
  await directory.close();
}

/** Rooms that the load generator will find under the names that it uses, each with a few messages. */
export async function makeRooms(data: string, count: number): Promise<void> {
  const directory = await openUnsynced(data);
  for (let i = 0; i < count; i++) {
    const log = await directory.create(`bench-${i}`, { created: Date.now() }, { durable: () => {}, late: () => {} });
    log.append(Buffer.from(line(1, TEXT)), 1);
    await log.close();
  }
  await directory.close();
}

/** Made-up words, always the same for the same seq: they compress about as talk does. */
export function sentence(seq: number): string {
  const words: string[] = [];
  for (let i = 0, state = seq + 1; i < SENTENCE_WORDS; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
    // Of some words there is much, of most little.
    const rank = Math.floor(((state >>> 16) / 65_536) ** 3 * 4_000);
    words.push(((rank + 1) * 0x9e3779b1).toString(36).slice(0, 2 + (rank % 7)));
  }
  return words.join(' ');
}

function line(seq: number, text: string): string {
  return `{"type":"message","seq":${seq},"at":1763798400000,"id":"0123456789abcdefghjkmnpq","nick":"bob","text":"${text}"}\n`;
}
