// The bans of a data directory: whom they hold for and until when, that they are there after a restart, and what a look
// at them costs.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DataDirectoryError } from '../../../src/log/index.ts';
import { BanFile } from '../../../src/server/access/ban-file.ts';
import type { Ban } from '../../../src/server/access/ban-list.ts';
import { Bans } from '../../../src/server/access/bans.ts';
import type { ClientAddress } from '../../../src/server/addresses/address.ts';
import { parseNetwork } from '../../../src/server/addresses/network.ts';
import { opened, temporaryFolder } from '../../log/support.ts';
import { BentClock } from '../bent-clock.ts';

const SINCE = 1_763_798_400_000;

function ban(network: string, fields: Partial<Ban> = {}): Ban {
  const usual = { room: undefined, since: SINCE, until: undefined, reason: undefined, client: undefined };
  return { network: parseNetwork(network), ...usual, ...fields };
}

const from = (text: string, isLoopback = false): ClientAddress => ({ text, key: text, scopes: [], isLoopback });

async function bansIn(path: string, clock = new BentClock()) {
  const { directory } = await opened(path);
  const bans = new Bans(clock, (list) => new BanFile(directory, list));
  const refused = (address: string) => bans.refusal(from(address))?.message;
  const checked = (address: string, room: string) => {
    try {
      bans.check(from(address), room);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : undefined;
    }
  };
  return { directory, bans, clock, refused, checked };
}

it('a ban holds for its network, everywhere or in its room, and says why and until when', async () => {
  const { bans, refused, checked } = await bansIn(temporaryFolder());
  await bans.add(ban('203.0.113.0/24', { reason: 'spam', until: SINCE + 7_200_000 }));
  await bans.add(ban('2001:db8::1', { room: 'lobby' }));
  expect(refused('203.0.113.7')).toBe('You are banned from this server until 2025-11-22 10:00 UTC: spam');
  expect(bans.refusal(from('203.0.113.7'))?.status).toBe(403);
  expect(refused('203.0.114.7')).toBeUndefined();
  expect(refused('2001:db8::2')).toBeUndefined();
  expect(checked('2001:db8::2', 'lobby')).toBe('You are banned from this room.');
  expect(checked('2001:db8::2', 'other')).toBeUndefined();
  expect(checked('203.0.113.7', 'other')).toMatch(/^You are banned from this server/);
  // This machine is exempt, whatever the file says.
  expect(bans.refusal(from('203.0.113.7', true))).toBeUndefined();
});

it('a ban is over at its time, not before, and of two the longer one is told', async () => {
  const { bans, clock, refused } = await bansIn(temporaryFolder());
  await bans.add(ban('203.0.113.7', { until: SINCE + 1_000, reason: 'short' }));
  await bans.add(ban('203.0.113.0/24', { until: SINCE + 5_000, reason: 'long' }));
  expect(refused('203.0.113.7')).toMatch(/long$/);
  clock.advance(4_999);
  expect(refused('203.0.113.7')).toMatch(/long$/);
  expect(bans.all()).toHaveLength(1);
  clock.advance(1);
  expect(refused('203.0.113.7')).toBeUndefined();
  expect(bans.all()).toEqual([]);
});

it('a second ban of the same takes the place of the first', async () => {
  const { bans, refused } = await bansIn(temporaryFolder());
  await bans.add(ban('203.0.113.7', { reason: 'first' }));
  await bans.add(ban('203.0.113.7', { reason: 'second' }));
  expect(bans.all()).toHaveLength(1);
  expect(refused('203.0.113.7')).toMatch(/second$/);
  await bans.remove(...bans.all());
  expect(refused('203.0.113.7')).toBeUndefined();
});

it('bans are there after a restart, in a private file, but for those that are over', async () => {
  const path = temporaryFolder();
  const first = await bansIn(path);
  const all = [
    ban('203.0.113.7', { reason: 'says "no"\nand more', client: { id: 'i'.repeat(24), nick: 'bob' } }),
    ban('2001:db8::1/128', { room: 'lobby', until: SINCE + 60_000 }),
    ban('198.51.100.0/24', { until: SINCE + 1_000 }),
  ];
  await Promise.all(all.map((one) => first.bans.add(one)));
  expect(statSync(join(path, 'bans.json')).mode & 0o777).toBe(0o600);
  await first.directory.close();
  const clock = new BentClock();
  clock.jump(2_000);
  const second = await bansIn(path, clock);
  expect(second.bans.all()).toEqual(all.slice(0, 2));
});

it.each([
  ['no JSON', '{"format":1,"bans":['],
  ['of another format', '{"format":2,"bans":[]}'],
  ['without a network', '{"format":1,"bans":[{"since":1}]}'],
  ['of a network that is none', '{"format":1,"bans":[{"network":"203.0.113.1/24","since":1}]}'],
  ['with a room that is no text', '{"format":1,"bans":[{"network":"203.0.113.1","since":1,"room":7}]}'],
  ['empty', ''],
])('bans that cannot be read (%s) let nobody in: the server does not start', async (_, content) => {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  writeFileSync(join(path, 'bans.json'), content);
  expect(() => new Bans(new BentClock(), (list) => new BanFile(directory, list))).toThrow(DataDirectoryError);
  expect(() => new Bans(new BentClock(), (list) => new BanFile(directory, list))).toThrow(
    /bans\.json cannot be read: .* remove it/,
  );
  expect(readFileSync(join(path, 'bans.json'), 'utf8')).toBe(content);
});

it('a look costs as much as there are lengths of prefix, not bans', async () => {
  const { bans, clock } = await bansIn(temporaryFolder());
  // Each ban that is looked at is asked whether it is over.
  let looks = 0;
  const now = clock.now.bind(clock);
  clock.now = () => {
    looks++;
    return now();
  };
  const adding = [];
  for (let i = 0; i < 9_000; i++) adding.push(bans.add(ban(`203.${i >> 8}.${i & 255}.0/24`)));
  for (let length = 8; length <= 32; length++) adding.push(bans.add(ban(`10.0.0.0/${length}`)));
  await Promise.all(adding);
  looks = 0;
  expect(bans.refusal(from('203.5.5.5'))).toBeDefined();
  expect(bans.refusal(from('10.0.0.0'))).toBeDefined();
  expect(bans.refusal(from('192.0.2.1'))).toBeUndefined();
  expect(looks).toBeLessThanOrEqual(2 * 25);
});
