// What this page knows of its place in the room from one connection to the next: who it is there, which log it reads,
// and how far it has read. Knows nothing of what was sent.

/** Lines of the past to ask for: a bound for this page's memory, not for the room. */
const MOST_HISTORY = 100_000;

export class Membership {
  #identity;
  /** Every id that this page has had: what was said under any of them is its own. */
  #ids = new Set();
  /** `at` is when the line at the cursor was said: the server compares it, as its log may have been put back. */
  #log;
  /** Over the life of the tab, so that it rises under every id. */
  #attempt;
  /** What makes this the same client again where a welcome was lost on its way. One for each welcome. */
  #claim;
  /** Known as protected: from then on it is joined only as such. */
  #protectedOnly = false;

  /** `saved`: what `toJSON` gave to an earlier page of this tab. That page's lines are gone, so its cursor is too. */
  constructor({ identity, attempt = 0, claim = newClaim() }) {
    this.#identity = identity;
    this.#attempt = attempt;
    this.#claim = claim;
    if (identity !== undefined) this.#ids.add(identity.id);
  }

  get id() {
    return this.#identity?.id;
  }

  isOwn(id) {
    return this.#ids.has(id);
  }

  demandProtection() {
    this.#protectedOnly = true;
  }

  /** A person wants to be in the room although it is open. */
  acceptOpen() {
    this.#protectedOnly = false;
  }

  /** False: the room stands open where it has to be protected, so nothing may be sent to it. */
  accepts(welcome) {
    return welcome.protected || !this.#protectedOnly;
  }

  /** `needsAll`: the past has to tell what was saved, however long ago. */
  join(nick, password, needsAll) {
    if (this.#identity !== undefined) this.#attempt += 1;
    return {
      type: 'join',
      nick,
      password,
      protected: this.#protectedOnly || undefined,
      ...this.#start(needsAll),
      resume: this.#identity && { ...this.#identity, attempt: this.#attempt },
      claim: this.#claim,
    };
  }

  #start(needsAll) {
    if (this.#log !== undefined) return { since: this.#log.cursor, sinceAt: this.#log.at, epoch: this.#log.epoch };
    return needsAll ? {} : { last: MOST_HISTORY };
  }

  /** The key of before no longer fits: this one does. */
  rekeyed(key) {
    if (this.#identity !== undefined) this.#identity = { ...this.#identity, key };
  }

  /** The key does not fit, or another tab has it: this page joins as somebody new, who reads on where it was. */
  forgetIdentity() {
    this.#identity = undefined;
  }

  /** The log is gone: whatever was read, the next one is read from its beginning. */
  forgetLog() {
    this.#identity = undefined;
    this.#log = undefined;
  }

  /** Takes up what a welcome says, and tells whether it goes on where the cursor was. */
  welcomed({ id, key, epoch, after, afterAt, protected: isProtected }) {
    if (isProtected) this.demandProtection();
    const sameLog = this.#log?.epoch === epoch;
    this.#identity = { id, key };
    this.#claim = newClaim();
    this.#ids.add(id);
    // A server may start the replay a little early, but nothing is shown twice.
    if (!sameLog || after > this.#log.cursor) this.#log = { epoch, cursor: after, at: afterAt };
    return sameLog;
  }

  /** Moves the cursor to a line of the log, before the line is shown. False: it was handled before. */
  advance({ seq, at }) {
    if (this.#log === undefined || seq <= this.#log.cursor) return false;
    this.#log.cursor = seq;
    this.#log.at = at;
    return true;
  }

  toJSON() {
    return { identity: this.#identity, attempt: this.#attempt, claim: this.#claim };
  }
}

/** 128 random bits. Not randomUUID: a page without TLS has none. */
function newClaim() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
