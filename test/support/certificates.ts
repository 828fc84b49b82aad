// Certificates made for one run of a test, with openssl: an issuer of its own, and what it signs. Worth nothing outside.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class Certificates {
  /** The issuer's certificate. */
  readonly ca: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.ca = join(folder, 'ca.pem');
    this.#openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      this.#path('ca.key'),
      '-out',
      this.ca,
      '-subj',
      '/CN=Issuer of a test',
      '-days',
      '2',
    );
  }

  /** Files of a certificate for `names` (`DNS:localhost`, `IP:127.0.0.1`), valid for so many days from now. */
  sign(name: string, names: string, days = 2): { cert: string; key: string } {
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) => this.#path(`${name}.${end}`));
    if (!cert || !key || !request || !extensions) throw new Error('no paths');
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    this.#openssl('req', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    const issuer = ['-CA', this.ca, '-CAkey', this.#path('ca.key'), '-CAcreateserial'];
    this.#openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-out',
      cert,
      ...issuer,
      '-extfile',
      extensions,
      '-days',
      String(days),
    );
    return { cert, key };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;
