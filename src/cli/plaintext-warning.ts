// Warns before a secret goes over the network in the clear. One sentence; it keeps nobody from anything.

import type { ServerAddress } from '../client/index.ts';
import { printableLine } from '../protocol/index.ts';

const LIST = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** What to say before `secret` ("the password") goes to one of these servers; undefined where nobody is in between. */
export function plaintextWarning(secret: string, servers: readonly ServerAddress[]): string | undefined {
  const hosts = servers.filter(isOverheard).map(({ host }) => host);
  if (hosts.length === 0) return undefined;
  return `warning: ${secret} is sent to ${LIST.format(hosts)} without TLS, so anybody in between can read it. Use wss:// if you can.`;
}

export function warnOfPlaintext(secret: string, servers: readonly ServerAddress[]): void {
  const warning = plaintextWarning(secret, servers);
  if (warning !== undefined) process.stderr.write(`roomchat: ${printableLine(warning)}\n`);
}

function isOverheard({ secure, host }: ServerAddress): boolean {
  return !secure && !isThisMachine(new URL(`http://${host}`).hostname);
}

/** `hostname` is as URL writes it: addresses in their shortest form. Names below .localhost are left to the resolver. */
function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/.test(hostname);
}
