// The key that makes a client an owner of its room: what is known of it, and where it is kept beyond a session. A server that
// does not take it for the room's key is not believed so far as to forget it: it may be another server at the same address.

/** Where the key of one room is kept. It must not throw: where nothing can be kept, nothing is. */
export interface OwnerKeyStore {
  read(): string | undefined;
  write(key: string): void;
}

export class OwnerKey {
  readonly #store: OwnerKeyStore | undefined;
  #kept: string | undefined;
  /** One that somebody else gave this client, until a server has said whether it fits. */
  #given: string | undefined;
  #fits = false;

  constructor(store: OwnerKeyStore | undefined) {
    this.#store = store;
    this.#kept = store?.read();
  }

  /** What a join gives. */
  get offered(): string | undefined {
    return this.#given ?? this.#kept;
  }

  /** The key, where the server has taken this client for an owner. */
  get current(): string | undefined {
    return this.#fits ? this.#kept : undefined;
  }

  give(key: string): void {
    this.#given = key;
  }

  /** What a welcome says; undefined: this client is no owner. */
  welcomed(key: string | undefined): void {
    this.#given = undefined;
    this.#fits = key !== undefined;
    if (key === undefined || key === this.#kept) return;
    this.#kept = key;
    this.#store?.write(key);
  }
}
