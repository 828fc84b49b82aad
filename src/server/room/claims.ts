// The members of a room that may not know yet that they are in: of one whose connection is cut before it has its welcome,
// nothing is left to it but the claim of its join. Until it has shown that it has the welcome, a join with the same claim
// is the same client. Keeps no claim itself, only its digest, by which it is found: that tells nothing in its time.

import { createHash } from 'node:crypto';

export interface Claimant {
  readonly id: string;
  readonly nick: string;
  /** As of a member. */
  readonly owners: number | undefined;
}

/** As many as there are such members, connected or awaited. */
export class Claims {
  /** Most rooms have none at most times. */
  #byDigest: Map<string, Claimant> | undefined;
  #digests: Map<string, string> | undefined;

  /** A new member has joined with that claim. */
  add(claim: string, { id, nick, owners }: Claimant): void {
    const digest = digestOf(claim);
    this.#byDigest ??= new Map();
    this.#digests ??= new Map();
    this.#byDigest.set(digest, { id, nick, owners });
    this.#digests.set(id, digest);
  }

  /** Who joined with that claim and may not know it. */
  find(claim: string): Claimant | undefined {
    return this.#byDigest?.get(digestOf(claim));
  }

  /** The member of this id knows that it is in, has another connection, or is gone for good. */
  forget(id: string): void {
    const digest = this.#digests?.get(id);
    if (digest === undefined) return;
    this.#digests?.delete(id);
    if (this.#byDigest?.get(digest)?.id === id) this.#byDigest.delete(digest);
  }
}

function digestOf(claim: string): string {
  return createHash('sha256').update(claim).digest('base64');
}
