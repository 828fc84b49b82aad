// Passwords under attack: few guesses are hashed, floods are bounded, and whoever knows the password gets in.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshRoom } from '../../support/room-names.ts';
import { type ServerProcess, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';
import { guessPasswords } from './password-guesses.ts';
import { FLOODS, guessFromPrefixes } from './password-prefixes.ts';
import { floodWithPasswords } from './scrypt-flood.ts';

// Each hash takes a third of a second of a quiet core, and that is what it is for.
vi.setConfig({ testTimeout: 90_000 });

it('hashes three guesses of an address for a room, however often it reconnects, and lets the right one in', async () => {
  const { counted, violations } = await guessPasswords({ cycles: 16, addresses: 2, rooms: 1 });
  expect(violations).toEqual([]);
  expect(counted).toMatchObject({ guesses: 32, hashedOfOne: 3, hashedOfMany: 6 });
  expect(counted.entries).toBeGreaterThan(0);
});

it('stands a flood of joins while others chat', async () => {
  const { counted, violations } = await floodWithPasswords({ joins: 30, rounds: 1 });
  expect(violations).toEqual([]);
  expect(counted.messages).toBeGreaterThan(0);
});

it.each(FLOODS)('lets in who knows the password while others guess from fresh addresses: %s', async (flood) => {
  const { counted, violations } = await guessFromPrefixes({ flood, guessers: 20, logins: 1 });
  expect(violations).toEqual([]);
  expect(counted.guesses).toBeGreaterThanOrEqual(20);
});

describe('one server', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  async function answer(room: string, password: string, localAddress = '127.0.0.1'): Promise<string> {
    const client = await WireClient.open(server, room, { localAddress, perMessageDeflate: false });
    client.send({ type: 'join', password });
    await new Promise((resolve) => client.socket.once('message', resolve));
    await client.drop();
    return client.of('error')[0]?.code ?? client.types[0] ?? 'nothing';
  }

  it('hashes ten wrong guesses of an address, over however many rooms', async () => {
    const rooms = Array.from({ length: 4 }, freshRoom);
    for (const room of rooms) expect(await answer(room, 'right')).toBe('welcome');
    const answers: string[] = [];
    for (let guess = 0; guess < 12; guess++) {
      answers.push(await answer(rooms[guess % rooms.length] ?? '', 'wrong', '127.0.0.3'));
    }
    expect(answers).toEqual([...Array(10).fill('password_wrong'), 'throttled', 'throttled']);
    // Right guesses count for nothing, and other addresses are not affected.
    expect(await answer(rooms[0] ?? '', 'right', '127.0.0.4')).toBe('welcome');
  });

  it.each([
    ['one byte', 'x', 'welcome'],
    ['128 bytes', 'x'.repeat(128), 'welcome'],
    ['128 bytes of UTF-8', 'é'.repeat(64), 'welcome'],
    ['none', '', 'bad_request'],
    ['129 bytes', 'x'.repeat(129), 'bad_request'],
    ['130 bytes of UTF-8', 'é'.repeat(65), 'bad_request'],
  ])('takes a password of 1 to 128 bytes: %s', async (_, password, expected) => {
    expect(await answer(freshRoom(), password)).toBe(expected);
  });

  it('lets 16 passwords of one address wait for each other; who comes then is told to come back', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => answer(freshRoom(), 'new')));
    expect(new Set(answers)).toEqual(new Set(['welcome', 'overloaded']));
    expect(answers.filter((code) => code === 'welcome').length).toBeGreaterThanOrEqual(16);
  });
});
