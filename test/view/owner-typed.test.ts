// What an owner types on either screen, and what it asks for.

import { describe, expect, it } from 'vitest';
import { holdsSecret, OWNER_COMMANDS } from '../../src/view/index.ts';

const typed = (line: string) => {
  const [name = '', ...rest] = line.split(' ');
  return OWNER_COMMANDS.get(name)?.parse(rest.join(' '));
};

describe('an owner', () => {
  it.each([
    ['kick bob', { type: 'kick', nick: 'bob' }],
    ['kick bob too loud', { type: 'kick', nick: 'bob', reason: 'too loud' }],
    ['ban bob', { type: 'ban', nick: 'bob' }],
    ['ban bob 2h', { type: 'ban', nick: 'bob', for: 7200 }],
    ['unban bob', { type: 'unban', nick: 'bob' }],
    ['mute bob', { type: 'mute', nick: 'bob', for: 600 }],
    ['mute @Zoe\u0308 30s', { type: 'mute', nick: 'Zo\u00eb', for: 30 }],
    ['unmute bob', { type: 'unmute', nick: 'bob' }],
    ['password two words', { type: 'password', password: 'two words' }],
    ['topic Tea at five', { type: 'set', topic: 'Tea at five' }],
    ['topic -', { type: 'set', topic: '' }],
    ['readonly on', { type: 'set', readonly: true }],
    ['readonly off', { type: 'set', readonly: false }],
    ['slow 1m', { type: 'set', slow: 60 }],
    ['slow off', { type: 'set', slow: 0 }],
  ])('types /%s', (line, command) => {
    expect(typed(line)).toEqual({ kind: 'act', command });
  });

  it.each([
    ['topic', { kind: 'topic' }],
    ['password', { kind: 'password' }],
    ['owner', { kind: 'owner', key: undefined }],
    ['owner abc', { kind: 'owner', key: 'abc' }],
  ])('types /%s, which asks nothing of the room yet', (line, wanted) => {
    expect(typed(line)).toEqual(wanted);
  });

  it.each([
    'kick',
    'ban bob soon',
    'unban',
    'unban bob now',
    'mute',
    'mute bob 0s',
    'unmute',
    'readonly',
    'slow 5',
    'owner a b',
  ])('is shown how /%s is typed', (line) => {
    expect(typed(line)).toBeUndefined();
  });

  it.each([
    `topic ${'t'.repeat(513)}`,
    `password ${'p'.repeat(129)}`,
    `kick bob ${'r'.repeat(513)}`,
    'slow 25h',
    'mute b?b',
  ])('is told what is wrong with /%s', (line) => {
    expect(typed(line)).toMatchObject({ kind: 'mistake' });
  });
});

it('a secret is one however it is typed, and nothing else is', () => {
  for (const line of ['/password x', '/PASSWORD x', '/owner\tx']) expect(holdsSecret(line)).toBe(true);
  for (const line of ['/password', 'password x', '/passwords x', ' /owner x', '/topic x'])
    expect(holdsSecret(line)).toBe(false);
});
