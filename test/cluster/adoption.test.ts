// Rooms of a server of its own that join a cluster: each whole, once and with the bytes that it had, or not at all.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewLine, OpenedRoom, PasswordHash } from '../../src/log/index.ts';
import { line, seqs } from '../log/support-lines.ts';
import { eventually } from '../support/eventually.ts';
import { hasNatsServer, type Nats, startNats } from '../support/nats.ts';
import { NO_OWNER } from '../support/no-server.ts';
import { linesOfRoom, makeRoom, openDirectory, startNode, temporaryFolder } from './own-rooms.ts';

const PASSWORD: PasswordHash = { algorithm: 'scrypt', N: 16384, r: 8, p: 1, salt: 'c2FsdA', hash: 'aGFzaA' };

let nats: Nats;

/** A cluster of its own, on the servers of all. */
function newCluster() {
  const prefix = randomBytes(6).toString('hex');
  return (node: string, adopt = false) => ({ servers: [...nats.urls], prefix, node, adopt });
}

function logOf(folder: string, room: string): Promise<string> {
  return readFile(join(folder, 'rooms', room, 'log.ndjson'), 'utf8');
}

/** Appends a line to an open room, and answers its number once the room has it. */
function say(room: OpenedRoom, text: string): Promise<number> {
  return new Promise((saved, lost) => {
    const ledger = room.ledger({
      committed: (batches) => {
        for (const { own, lastSeq } of batches) if (own > 0) saved(lastSeq);
      },
      lost: (_, error) => lost(error),
      ...NO_OWNER,
    });
    const said: NewLine = { encode: (seq) => line(seq, text), author: undefined };
    ledger.append([said]);
  });
}

describe.skipIf(!hasNatsServer())('rooms of a server of its own', () => {
  beforeAll(async () => {
    nats = await startNats({ servers: 1 });
  }, 60_000);

  afterAll(() => nats.end());

  it('are in the cluster with their lines and who may come in, and are copies from then on', async () => {
    const node = newCluster();
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
    const logs = new Map<string, string>();
    for (const room of ['lobby', 'second', 'third']) {
      logs.set(room, await makeRoom(folder, room, linesOfRoom(room, 1_500, 800), { created: 7 }));
    }
    await makeRoom(folder, 'empty', [], { created: 8, password: PASSWORD });
    const before = await openDirectory(folder);
    const opened = await before.open('lobby', { durable: () => {}, late: () => {} });
    await opened.access.changePassword(PASSWORD);
    await opened.access.revoke('somebody');
    await opened.close();
    const metas = new Map([...logs.keys(), 'empty'].map((room) => [room, before.metaOf(room)]));
    const { secret } = before;
    await before.close();

    await expect(startNode(folder, node('a'))).rejects.toThrow(
      /has rooms of its own, such as .*: add --adopt to bring them into the cluster/,
    );
    const adopted = await startNode(folder, node('a', true));
    expect(adopted.said).toEqual([
      '4 rooms have joined the cluster, with 4500 lines: what is here is a copy from now on.',
    ]);
    expect(adopted.cluster.secret.equals(secret)).toBe(true);

    const second = await startNode(other, node('b'));
    for (const [room, meta] of metas) {
      const { log } = await second.cluster.rooms.open(room);
      expect(log.meta).toEqual(meta);
      await log.close();
      expect((await logOf(other, room)) === (logs.get(room) ?? '')).toBe(true);
      const { log: here } = await adopted.cluster.rooms.open(room);
      await here.close();
      expect((await logOf(folder, room)) === (logs.get(room) ?? '')).toBe(true);
    }
    await adopted.stop();
    const again = await startNode(folder, node('a'));
    const room = await again.cluster.rooms.open('lobby');
    expect(await say(room, 'go on')).toBe(1_501);
    await room.log.close();
    expect(again.said).toEqual([]);
  }, 60_000);

  it('keep their numbers where some are missing, and go on above those that a power loss may have taken', async () => {
    const node = newCluster();
    const folder = await temporaryFolder();
    const bytes = await makeRoom(folder, 'lobby', [line(1), line(5), line(4_000), line(4_001)]);
    await writeFile(join(folder, 'rooms', 'lobby', 'open'), 'another boot\n0\n');
    await makeRoom(folder, 'gaps', [line(2), line(9)]);
    const { cluster } = await startNode(folder, node('a', true));
    const room = await cluster.rooms.open('lobby');
    expect(room.log.lastSeq).toBe(4_001 + 2 ** 20);
    // A client that has seen lines which the power loss took has not read less than there is.
    expect(room.log.findAfter(4_100)).toEqual({ position: bytes.length, after: 4_001, at: 1_763_798_400_000 });
    expect(room.log.findAfter(4_002 + 2 ** 20)).toBeUndefined();
    expect(await say(room, 'next')).toBe(4_002 + 2 ** 20);
    await room.log.close();
    const other = await startNode(await temporaryFolder(), node('b'));
    const gaps = await other.cluster.rooms.open('gaps');
    expect(await say(gaps, 'next')).toBe(10);
    await gaps.log.close();
    const copy = await other.cluster.rooms.open('lobby');
    expect(copy.log.lastSeq).toBe(4_002 + 2 ** 20);
    await copy.log.close();
    expect(seqs(await logOf(other.directory.path, 'lobby'))).toEqual([1, 5, 4_000, 4_001, 4_002 + 2 ** 20]);
  }, 60_000);

  it('are refused by name where the cluster has another room of it, before any other has joined', async () => {
    const node = newCluster();
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
    const lobby = await makeRoom(folder, 'lobby', linesOfRoom('lobby', 10));
    const others = Array.from({ length: 20 }, (_, i) => `room${i}`);
    for (const room of others) await makeRoom(folder, room, linesOfRoom(room, 10));
    const first = await startNode(other, node('b'));
    const made = await first.cluster.rooms.create('lobby', { created: 1 });
    await made?.log.close();
    await expect(startNode(folder, node('a', true))).rejects.toThrow(
      `The cluster has another room lobby already. ${join(folder, 'rooms', 'lobby')} is left as it is: move it away`,
    );
    expect(await logOf(folder, 'lobby')).toBe(lobby);
    expect(others.filter((room) => existsSync(join(folder, 'rooms', room, 'copy.index')))).toEqual([]);
    expect(others.filter((room) => first.cluster.rooms.has(room))).toEqual([]);
    await rm(join(folder, 'rooms', 'lobby'), { recursive: true });
    await startNode(folder, node('a', true));
    const knowsAll = async () => others.every((room) => first.cluster.rooms.has(room));
    await eventually('the other node knows of them', 10_000, knowsAll);
  }, 60_000);

  it('are copies again after an adoption that was cut short before it said so, whatever was said since', async () => {
    const node = newCluster();
    const folder = await temporaryFolder();
    const bytes = await makeRoom(folder, 'lobby', linesOfRoom('lobby', 1_200, 1_000));
    await (await startNode(folder, node('a', true))).stop();
    await rm(join(folder, 'rooms', 'lobby', 'copy.index'));
    const other = await startNode(await temporaryFolder(), node('b'));
    const room = await other.cluster.rooms.open('lobby');
    await say(room, 'meanwhile');
    await expect(startNode(folder, node('a'))).rejects.toThrow('add --adopt');
    const again = await startNode(folder, node('a', true));
    const copy = await again.cluster.rooms.open('lobby');
    await copy.log.close();
    expect((await logOf(folder, 'lobby')) === bytes + line(1_201, 'meanwhile')).toBe(true);
    expect(again.said.join()).toContain('The room lobby has joined');
    await room.log.close();
  }, 60_000);

  it('of an older backup become copies, and those that have more lines than the cluster are refused', async () => {
    const node = newCluster();
    const [folder, older, newer] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    const lines = linesOfRoom('lobby', 1_200, 1_000);
    await makeRoom(folder, 'lobby', lines);
    for (const copy of [older, newer]) await cp(folder, copy, { recursive: true });
    const log = join('rooms', 'lobby', 'log.ndjson');
    await writeFile(join(older, log), lines.slice(0, 700).join(''));
    const longer = lines.join('') + line(1_201, 'said here alone');
    await writeFile(join(newer, log), longer);
    await startNode(folder, node('a', true));
    const restored = await startNode(older, node('b', true));
    await (await restored.cluster.rooms.open('lobby')).log.close();
    expect((await logOf(older, 'lobby')) === lines.join('')).toBe(true);
    await expect(startNode(newer, node('c', true))).rejects.toThrow(
      'This log of the room lobby has lines that the cluster has not.',
    );
    expect((await logOf(newer, 'lobby')) === longer).toBe(true);
    await writeFile(join(newer, log), lines.join('').replace('lobby 600', 'lobby 6OO'));

    await expect(startNode(newer, node('c', true))).rejects.toThrow(
      'What the cluster has of the room lobby is not how this log begins.',
    );
  }, 60_000);

  it('that the cluster has deleted do not come back, and damaged ones do not join', async () => {
    const node = newCluster();
    const [folder, backup] = [await temporaryFolder(), await temporaryFolder()];
    await makeRoom(folder, 'lobby', linesOfRoom('lobby', 100));
    await cp(folder, backup, { recursive: true });
    const first = await startNode(folder, node('a', true));
    await first.cluster.rooms.delete('lobby');
    await expect(startNode(backup, node('b', true))).rejects.toThrow('The room lobby was deleted in the cluster.');
    await rm(join(backup, 'rooms', 'lobby'), { recursive: true });
    const bytes = await makeRoom(backup, 'second', linesOfRoom('second', 100));
    const damaged = bytes.replace('second 50', 'sec\0nd 50');
    await writeFile(join(backup, 'rooms', 'second', 'log.ndjson'), damaged);
    await expect(startNode(backup, node('b', true))).rejects.toThrow(
      /The log of room "second" is damaged at byte \d+\. Start .* without --nats and repair it there \(see roomchat admin repair\)/,
    );
    expect(await logOf(backup, 'second')).toBe(damaged);
    expect(first.cluster.rooms.has('second')).toBe(false);
  }, 60_000);
});
