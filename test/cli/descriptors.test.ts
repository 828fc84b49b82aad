import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { fitDescriptors, openFileLimit } from '../../src/cli/descriptors.ts';
import { placesToWait } from '../../src/server/index.ts';

const fitted = (wanted: { clients: number; openRooms: number }, limit: number | undefined) =>
  fitDescriptors(wanted, limit, placesToWait);

const wanted = { clients: 10_000, openRooms: 10_000 };

it('leaves as it is what fits, or what nobody knows the limit of', () => {
  expect(fitted(wanted, 1_048_576)).toEqual(wanted);
  expect(fitted(wanted, undefined)).toEqual(wanted);
});

it.each([64, 256, 1024, 4096, 20_000])('never takes more than %i open files', (limit) => {
  const { clients, openRooms } = fitted(wanted, limit);
  expect(clients + placesToWait(clients) + openRooms).toBeLessThanOrEqual(limit - 32);
  expect(clients).toBeGreaterThan(openRooms);
  expect(fitted({ clients: 5, openRooms: 3 }, limit)).toEqual({ clients: 5, openRooms: 3 });
});

it('lets at least one client into one room, however few there are', () => {
  for (const limit of [0, 10, 32, 35]) {
    const { clients, openRooms } = fitted(wanted, limit);
    expect(Math.min(clients, openRooms)).toBeGreaterThanOrEqual(1);
  }
});

it.skipIf(process.platform !== 'linux')("reads the system's own limit", () => {
  // The same process's limit, as a shell that it starts inherits it. Node raises its own to the hard one.
  const soft = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  const hard = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  expect([soft, hard].map(Number)).toContain(openFileLimit());
});
