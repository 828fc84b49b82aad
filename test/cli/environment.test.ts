import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configFile, defaultDataDirectory, stateDirectory, variable } from '../../src/cli/environment.ts';

beforeEach(() => {
  for (const name of ['ROOMCHAT_DATA', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME'])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it('takes an empty variable for one that is not set', () => {
  vi.stubEnv('ROOMCHAT_NICK', '');
  expect(variable('ROOMCHAT_NICK')).toBeUndefined();
  vi.stubEnv('ROOMCHAT_NICK', 'ann');
  expect(variable('ROOMCHAT_NICK')).toBe('ann');
});

it('keeps rooms in $ROOMCHAT_DATA, else below $XDG_DATA_HOME, else in the home directory', () => {
  expect(defaultDataDirectory()).toBe(join(homedir(), '.local', 'share', 'roomchat'));
  vi.stubEnv('XDG_DATA_HOME', '/data');
  expect(defaultDataDirectory()).toBe('/data/roomchat');
  vi.stubEnv('ROOMCHAT_DATA', 'here');
  expect(defaultDataDirectory()).toBe(resolve('here'));
});

it('keeps state below $XDG_STATE_HOME, else in the home directory', () => {
  expect(stateDirectory()).toBe(join(homedir(), '.local', 'state', 'roomchat'));
  vi.stubEnv('XDG_STATE_HOME', '/state');
  expect(stateDirectory()).toBe('/state/roomchat');
});

it('has its config file below $XDG_CONFIG_HOME, else in the home directory', () => {
  expect(configFile()).toBe(join(homedir(), '.config', 'roomchat', 'config.json'));
  vi.stubEnv('XDG_CONFIG_HOME', 'config');
  expect(configFile()).toBe(join(homedir(), '.config', 'roomchat', 'config.json'));
  vi.stubEnv('XDG_CONFIG_HOME', '/config');
  expect(configFile()).toBe('/config/roomchat/config.json');
});

it('passes over XDG folders that are not absolute', () => {
  vi.stubEnv('XDG_DATA_HOME', 'data');
  vi.stubEnv('XDG_STATE_HOME', 'state');
  expect(defaultDataDirectory()).toBe(join(homedir(), '.local', 'share', 'roomchat'));
  expect(stateDirectory()).toBe(join(homedir(), '.local', 'state', 'roomchat'));
});
