// The files of --tls-cert, --tls-key and --ca, checked before anything is started. Never prints what they hold.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CommandError, EXIT } from './exit-codes.ts';
import { readNamedFile } from './files.ts';

export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Seconds, of --hsts. */
  readonly hsts?: number;
}

/** Undefined where neither flag is given. Throws CommandError where the two cannot be used together. */
export function readTlsFiles({ tlsCert, tlsKey, hsts }: TlsFlags): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) {
    if (hsts === undefined) return undefined;
    const why = 'browsers heed it over HTTPS only. Behind a proxy with a certificate, let the proxy send it.';
    throw new CommandError(EXIT.usage, `--hsts needs --tls-cert and --tls-key: ${why}`);
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CommandError(EXIT.usage, '--tls-cert and --tls-key go together: give both.');
  }
  const cert = readNamedFile(tlsCert, 'certificate');
  const key = readNamedFile(tlsKey, 'key');
  const certificate = parsed(() => new X509Certificate(cert), `${tlsCert} holds no certificate in PEM.`);
  const privateKey = parsed(
    () => createPrivateKey(key),
    `${tlsKey} holds no private key in PEM, or one with a passphrase.`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CommandError(EXIT.usage, `The key in ${tlsKey} does not belong to the first certificate in ${tlsCert}.`);
  }
  return { cert, key };
}

/** What a client trusts, of --ca. Throws CommandError for a file that would let nobody in. */
export function readCa(path: string): { ca: string } {
  const ca = readNamedFile(path, 'certificate');
  parsed(() => new X509Certificate(ca), `${path} holds no certificate in PEM.`);
  return { ca };
}

function parsed<T>(parse: () => T, sentence: string): T {
  try {
    return parse();
  } catch {
    throw new CommandError(EXIT.usage, sentence);
  }
}
