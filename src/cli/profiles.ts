// The config file: profiles, so that a server, a nick and what belongs to them need not be given each time. Never holds a
// password or a token, and is never written.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import {
  BadField,
  type Fields,
  optionalCount,
  optionalObject,
  optionalString,
  parseObject,
} from '../protocol/index.ts';
import { configFile, variable } from './environment.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { messageOf } from './files.ts';
import { nickName, wholeNumber } from './values.ts';

/** What a command takes of the command line, the environment and the profile alike. */
export interface ProfileFlags {
  readonly profile?: string;
  readonly server?: string;
  readonly nick?: string;
  readonly ca?: string;
}

/** As ProfileFlags, with what counts where no flag says anything. */
export interface Settled {
  /** Of the environment, else of the profile. `server` alone was chosen for this very command. */
  readonly usualServer?: string | undefined;
  /** Of the profile: how many lines of the history `join` gets. */
  readonly usualLast?: number | undefined;
}

interface Profile {
  readonly server: string | undefined;
  readonly nick: string | undefined;
  /** As it is written: relative to the config file's folder. */
  readonly ca: string | undefined;
  readonly last: number | undefined;
}

const SETTINGS = ['server', 'nick', 'ca', 'last'];
const MOST_LINES = 1_000_000_000;
const LIST = new Intl.ListFormat('en-GB');

/** Flags win over the environment, and that over the profile. Throws CommandError for a config file that is wrong. */
export function settle<F extends ProfileFlags>(flags: F): F & Settled {
  const file = configFile();
  const { server, nick, ca, last } = profileOf(file, flags.profile);
  const profileNick = variable('ROOMCHAT_NICK') === undefined ? nick : undefined;
  return {
    ...(profileNick === undefined ? {} : { nick: profileNick }),
    ...(ca === undefined ? {} : { ca: resolve(dirname(file), ca) }),
    ...flags,
    usualServer: variable('ROOMCHAT_SERVER') ?? server,
    usualLast: last,
  };
}

function profileOf(file: string, wanted: string | undefined): Partial<Profile> {
  const text = textOf(file);
  if (text === undefined) {
    if (wanted === undefined) return {};
    throw new CommandError(EXIT.usage, `There is no profile "${wanted}": there is no file ${file}.`);
  }
  try {
    return chosen(parseConfig(text), wanted);
  } catch (error) {
    if (!(error instanceof BadField || error instanceof InvalidArgumentError)) throw error;
    throw new CommandError(EXIT.usage, `The config file ${file} is wrong: ${error.message}`);
  }
}

/** Undefined where there is none. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw new CommandError(EXIT.usage, `The config file ${file} cannot be read: ${messageOf(error)}.`);
  }
}

interface Config {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly usual: string | undefined;
}

function chosen({ profiles, usual }: Config, wanted = usual): Partial<Profile> {
  if (wanted === undefined) return {};
  const profile = profiles.get(wanted);
  if (profile !== undefined) return profile;
  throw new BadField(`it has no profile "${wanted}". It has ${LIST.format(profiles.keys()) || 'none'}.`);
}

function parseConfig(text: string): Config {
  const fields = parseJson(text);
  checkKeys(fields, ['profiles', 'default'], 'it');
  const profiles = optionalObject(fields, 'profiles') ?? {};
  return {
    profiles: new Map(
      Object.keys(profiles).map((name) => [name, parseProfile(optionalObject(profiles, name) ?? {}, name)]),
    ),
    usual: optionalString(fields, 'default'),
  };
}

function parseJson(text: string): Fields {
  try {
    return parseObject(text);
  } catch (error) {
    if (error instanceof BadField) throw new BadField('it does not hold one JSON object.');
    throw error;
  }
}

function parseProfile(fields: Fields, name: string): Profile {
  checkKeys(fields, SETTINGS, `the profile "${name}"`);
  const nick = optionalString(fields, 'nick');
  const last = optionalCount(fields, 'last');
  return {
    server: optionalString(fields, 'server'),
    nick: nick === undefined ? undefined : nickName(nick),
    ca: optionalString(fields, 'ca'),
    last: last === undefined ? undefined : wholeNumber(0, MOST_LINES)(String(last)),
  };
}

function checkKeys(fields: Fields, known: readonly string[], what: string): void {
  for (const key of Object.keys(fields)) {
    if (known.includes(key)) continue;
    if (/password|token|secret/i.test(key)) {
      throw new BadField(
        `${what} has "${key}", but no password and no token belongs into it. Use --password-file, --token-file or the environment.`,
      );
    }
    throw new BadField(`${what} has "${key}", but takes only ${LIST.format(known)}.`);
  }
}
