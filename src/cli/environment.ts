// Where things are by default, and what the environment says; flags win over it.

import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { NameError, parseNick } from '../protocol/index.ts';

/** A variable's value; an empty one counts as unset. */
export function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** `$ROOMCHAT_DATA`, else `$XDG_DATA_HOME/roomchat`, else `~/.local/share/roomchat`. */
export function defaultDataDirectory(): string {
  const own = variable('ROOMCHAT_DATA');
  if (own !== undefined) return resolve(own);
  const base = variable('XDG_DATA_HOME');
  // A relative value does not count, as the XDG rules say.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'share'), 'roomchat');
}

/** `$XDG_STATE_HOME/roomchat`, else `~/.local/state/roomchat`: typed lines, and where servers of this user run. */
export function stateDirectory(): string {
  const base = variable('XDG_STATE_HOME');
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'roomchat');
}

/** `$XDG_CONFIG_HOME/roomchat/config.json`, else `~/.config/roomchat/config.json`. */
export function configFile(): string {
  const base = variable('XDG_CONFIG_HOME');
  const folder = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.config');
  return join(folder, 'roomchat', 'config.json');
}

/** The user's login name as a nick, or undefined where it cannot be one. */
export function loginNick(): string | undefined {
  try {
    return parseNick(userInfo().username);
  } catch (error) {
    // A user without a name in the system's table is a system error here.
    if (error instanceof NameError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}
