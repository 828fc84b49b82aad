// Who finds a place: by address, by the networks that an address lies in, and how many places there are. Addresses are
// those that a proxy tells; that connections themselves are counted is in test/e2e/hardening/doors.

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ClientAddress, clientAddress } from '../../../src/server/addresses/address.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../../../src/server/common/limits.ts';
import { Door } from '../../../src/server/doors/door.ts';
import { Metrics } from '../../../src/server/reporting/metrics.ts';

const openDoor = (limits: Partial<ServerLimits> = {}): Door =>
  new Door({ limits: { ...DEFAULT_LIMITS, ...limits }, trustProxy: true, metrics: new Metrics() });

function from(text: string): ClientAddress {
  const request = new IncomingMessage(new Socket());
  request.headers['x-forwarded-for'] = text;
  return clientAddress(request, true);
}

/** Lets clients of these addresses in, until the first one is refused: how many came in, and the status of that one. */
function fill(door: Door, addresses: Iterable<string>): [entered: number, status: number | undefined] {
  let entered = 0;
  for (const text of addresses) {
    const refusal = door.refusalToClient(from(text));
    if (refusal !== undefined) return [entered, refusal.status];
    door.becameClient(from(text));
    entered++;
  }
  return [entered, undefined];
}

function* many(count: number, address: (i: number) => string): Generator<string> {
  for (let i = 0; i < count; i++) yield address(i);
}

/** An address of the `subnet`-th /64 of a /48. */
const within = (prefix: string, subnet: number): string => `${prefix}:${subnet.toString(16)}::1`;

describe('clients', () => {
  it('of one address are 256, of a /56 four times, of a /48 sixteen times as many', () => {
    const limits = { clients: 20_000 };
    expect(
      fill(
        openDoor(limits),
        many(300, () => '198.51.100.7'),
      ),
    ).toEqual([256, 429]);
    expect(
      fill(
        openDoor(limits),
        many(300, (i) => `2001:db8:0:1::${i}`),
      ),
    ).toEqual([256, 429]);
    expect(
      fill(
        openDoor(limits),
        many(2_000, (i) => within('2001:db8:0', i & 255)),
      ),
    ).toEqual([4 * 256, 429]);
    expect(
      fill(
        openDoor(limits),
        many(9_000, (i) => within('2001:db8:0', (i * 64) & 0xffff)),
      ),
    ).toEqual([16 * 256, 429]);
    // Neighbours are none of its business.
    const door = openDoor(limits);
    fill(
      door,
      many(9_000, (i) => within('2001:db8:0', (i * 64) & 0xffff)),
    );
    expect(fill(door, ['2001:db8:1::1', '198.51.100.7'])).toEqual([2, undefined]);
  });

  it('leave a quarter of the places to addresses that have none', () => {
    const door = openDoor({ clients: 100 });
    expect(
      fill(
        door,
        many(100, (i) => `198.51.100.${i % 2}`),
      ),
    ).toEqual([75, 503]);
    expect(
      fill(
        door,
        many(30, (i) => `203.0.113.${i}`),
      ),
    ).toEqual([25, 503]);
  });

  it('give up their place when they leave', () => {
    const door = openDoor({ clients: 1 });
    fill(door, ['198.51.100.7']);
    expect(door.refusalToClient(from('198.51.100.8'))?.status).toBe(503);
    door.left(from('198.51.100.7'));
    expect(door.refusalToClient(from('198.51.100.8'))).toBeUndefined();
  });
});

describe('requests under way through a proxy', () => {
  const ask = (door: Door, count: number, text: string) =>
    Array.from({ length: count }, () => door.ask(from(text))?.status).filter((status) => status !== undefined);

  it('of one address are 64, and one that is answered makes room for another', () => {
    const door = openDoor();
    expect(ask(door, 64, '198.51.100.7')).toEqual([]);
    expect(ask(door, 1, '198.51.100.7')).toEqual([429]);
    expect(ask(door, 1, '198.51.100.8')).toEqual([]);
    door.answered(from('198.51.100.7'));
    expect(ask(door, 2, '198.51.100.7')).toEqual([429]);
  });

  it('take no client’s place, nor does a client take theirs', () => {
    const door = openDoor();
    ask(door, 64, '198.51.100.7');
    expect(
      fill(
        door,
        many(300, () => '198.51.100.7'),
      ),
    ).toEqual([256, 429]);
  });
});
