import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommandError } from '../../src/cli/exit-codes.ts';
import { settle } from '../../src/cli/profiles.ts';

const home = mkdtempSync(join(tmpdir(), 'roomchat-profiles-'));
const folder = join(home, 'roomchat');
const file = join(folder, 'config.json');
mkdirSync(folder);

beforeEach(() => {
  vi.stubEnv('XDG_CONFIG_HOME', home);
  for (const name of ['ROOMCHAT_SERVER', 'ROOMCHAT_NICK']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(file, { recursive: true, force: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const write = (config: unknown) => writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));

const WORK = { server: 'chat.example', nick: 'ann', ca: 'ca.pem', last: 200 };
const SETTLED = { usualServer: 'chat.example', nick: 'ann', ca: join(folder, 'ca.pem'), usualLast: 200 };

describe('a profile', () => {
  it('is the one that is named, else the default, else none', () => {
    write({ profiles: { work: WORK, home: { nick: 'annie' } }, default: 'work' });
    expect(settle({ profile: 'work' })).toEqual({ profile: 'work', ...SETTLED });
    expect(settle({})).toEqual(SETTLED);
    expect(settle({ profile: 'home' })).toMatchObject({ nick: 'annie', usualServer: undefined });
    write({ profiles: { work: WORK } });
    expect(settle({})).toEqual({ usualServer: undefined, usualLast: undefined });
  });

  it('counts for what neither a flag nor the environment says', () => {
    write({ profiles: { work: WORK }, default: 'work' });
    const flags = { server: 'other', nick: 'bob', ca: '/ca', last: 5 };
    expect(settle(flags)).toMatchObject(flags);
    vi.stubEnv('ROOMCHAT_SERVER', 'env.example');
    vi.stubEnv('ROOMCHAT_NICK', 'env');
    const { usualServer, nick } = settle<{ nick?: string }>({});
    expect([usualServer, nick]).toEqual(['env.example', undefined]);
  });

  it('keeps a file of certificates that is named by its whole path', () => {
    write({ profiles: { work: { ca: '/etc/ca.pem' } }, default: 'work' });
    expect(settle<{ ca?: string }>({}).ca).toBe('/etc/ca.pem');
  });
});

describe('a wrong config file is one sentence, with its name and exit code 2', () => {
  it.each([
    ['no JSON', '{"profiles":', 'it does not hold one JSON object.'],
    ['no object', '[]', 'it does not hold one JSON object.'],
    ['an unknown setting', { profile: {} }, 'it has "profile", but takes only profiles and default.'],
    [
      'an unknown setting of a profile',
      { profiles: { work: { room: 'lobby' } } },
      'the profile "work" has "room", but takes only server, nick, ca and last.',
    ],
    [
      'a password',
      { profiles: { work: { password: 'x' } } },
      /the profile "work" has "password", but no password and no token belongs/,
    ],
    ['a token', { adminToken: 'x' }, /it has "adminToken", but no password and no token belongs/],
    ['profiles that are none', { profiles: ['work'] }, /"profiles" must be/],
    ['a profile that is none', { profiles: { work: 'x' } }, /"work" must be/],
    ['a server that is none', { profiles: { work: { server: 1 } } }, /"server" must be a string/],
    ['a nick that is none', { profiles: { work: { nick: 'a b' } } }, /This nick is not allowed/],
    ['a number that is none', { profiles: { work: { last: -1 } } }, /"last" must be a whole number/],
    ['too large a number', { profiles: { work: { last: 1e10 } } }, /a whole number from 0 to 1000000000/],
    ['a default that is not there', { profiles: { work: {} }, default: 'x' }, 'it has no profile "x". It has work.'],
    ['no profiles', { default: 'x' }, 'it has no profile "x". It has none.'],
  ])('%s', (_what, config, sentence) => {
    write(config);
    expect(() => settle({})).toThrow(CommandError);
    expect(() => settle({})).toThrow(`The config file ${file} is wrong: `);
    expect(() => settle({})).toThrow(sentence);
  });

  it('a profile that is not there, without a file and with one', () => {
    expect(settle({})).toEqual({ usualServer: undefined, usualLast: undefined });
    expect(() => settle({ profile: 'work' })).toThrow(`There is no profile "work": there is no file ${file}.`);
    write({ profiles: { __proto__: {}, work: {}, home: {} } });
    expect(() => settle({ profile: 'toString' })).toThrow('no profile "toString". It has work and home.');
  });

  it('one that cannot be read', () => {
    mkdirSync(file);
    expect(() => settle({})).toThrow(`The config file ${file} cannot be read: `);
  });
});
