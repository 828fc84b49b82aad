// What `nsc` makes: an operator, an account with JetStream and a user of it, as JSON Web Tokens that are signed with keys of NATS.
// Worth nothing outside the test.

import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

export class NatsAccounts {
  readonly #operator = nkeys.createOperator();
  readonly #system = nkeys.createAccount();
  readonly #account = nkeys.createAccount();

  /** For a nats-server's configuration. */
  get configuration(): string {
    const limits = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const storing = { ...limits, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const accounts = [
      [this.#system, this.#sign(this.#system, 'SYS', this.#operator, { type: 'account', limits })],
      [this.#account, this.#sign(this.#account, 'CHAT', this.#operator, { type: 'account', limits: storing })],
    ] as const;
    return [
      `operator: ${this.#sign(this.#operator, 'test', this.#operator, { type: 'operator' })}`,
      `system_account: ${this.#system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accounts.map(([key, token]) => `${key.getPublicKey()}: ${token}`).join(', ')} }`,
      '',
    ].join('\n');
  }

  /** A user's credentials file. */
  credentials(): string {
    const user = nkeys.createUser();
    const token = this.#sign(user, 'roomchat', this.#account, { type: 'user', ...UNLIMITED });
    const seed = new TextDecoder().decode(user.getSeed());
    return [
      '-----BEGIN NATS USER JWT-----',
      token,
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      seed,
      '------END USER NKEY SEED------',
      '',
    ].join('\n');
  }

  #sign(subject: KeyPair, name: string, issuer: KeyPair, fields: object): string {
    const claims = {
      iat: Math.floor(Date.now() / 1000),
      iss: issuer.getPublicKey(),
      name,
      sub: subject.getPublicKey(),
      nats: { version: 2, ...fields },
    };
    const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
    const parts = [
      { typ: 'JWT', alg: 'ed25519-nkey' },
      { jti, ...claims },
    ];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
  }
}
