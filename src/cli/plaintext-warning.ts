// Warns before a secret goes over the network in the clear. One sentence; it keeps nobody from anything.

import type { ServerAddress } from '../client/index.ts';
import { printableLine } from '../protocol/index.ts';

/** What to say before `secret` ("the password") goes to this server; undefined where nobody is in between. */
export function plaintextWarning(secret: string, { secure, host }: ServerAddress): string | undefined {
  if (secure || isThisMachine(new URL(`http://${host}`).hostname)) return undefined;
  return `warning: ${secret} is sent to ${host} without TLS, so anybody in between can read it. Use wss:// if you can.`;
}

export function warnOfPlaintext(secret: string, server: ServerAddress): void {
  const warning = plaintextWarning(secret, server);
  if (warning !== undefined) process.stderr.write(`roomchat: ${printableLine(warning)}\n`);
}

/** `hostname` is as URL writes it: addresses in their shortest form. Names below .localhost are left to the resolver. */
function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/.test(hostname);
}
