// A session of the project's own client that speaks whenever it may, and notes all that it is told. It says nothing twice
// and must never know what the server has.

import {
  type ReceivedLine,
  RoomSession,
  type RoomSessionOptions,
  type SayRefusal,
  type SessionEnd,
  type SessionObserver,
} from '../../src/client/index.ts';
import type { LogLine } from '../../src/protocol/index.ts';

export class CrowdMember implements SessionObserver {
  readonly session: RoomSession;
  /** Texts in the order in which they were said, and by ref. */
  readonly said: string[] = [];
  readonly receipts: string[] = [];
  /** Log lines as shown. */
  readonly shown: LogLine[] = [];
  readonly troubles: string[] = [];
  /** What was refused; each is among the troubles, too. */
  readonly refusals: { readonly text: string; readonly code: string }[] = [];
  losses = 0;
  /** Milliseconds that it chose to wait after each loss. */
  readonly waits: number[] = [];
  isLive = false;
  end: SessionEnd | undefined;
  readonly #byRef = new Map<string, string>();
  readonly #waiting = new Set<() => void>();
  readonly name: string;
  readonly #onReceipt: (member: CrowdMember) => void = () => {};

  constructor(name: string, options: RoomSessionOptions, onReceipt: (member: CrowdMember) => void = () => {}) {
    this.name = name;
    this.#onReceipt = onReceipt;
    this.session = new RoomSession({ nick: { name, mayBeNumbered: true }, ...options }, this);
    this.session.start();
  }

  say(): void {
    const text = `${this.name} ${this.said.length}`;
    this.said.push(text);
    this.#byRef.set(this.session.say(text), text);
  }

  /** Resolves when `isSo` holds; looked at after everything that the session tells. */
  until(isSo: () => boolean, what: string, patienceMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const state = `${this.session.pending} pending, ${this.losses} losses, ${this.troubles.join('; ')}`;
        reject(new Error(`${this.name} waited for ${what}: ${state} ${this.end?.message ?? ''}`));
      }, patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  async leave(): Promise<void> {
    this.session.leave();
    await this.until(() => this.end !== undefined, 'its end');
  }

  #told(): void {
    for (const check of this.#waiting) check();
  }

  connecting(): void {}

  joined(): void {
    this.#told();
  }

  live(): void {
    this.isLive = true;
    this.#told();
  }

  line(line: ReceivedLine): void {
    if (line.type === 'message' || line.type === 'notice') this.shown.push(line);
    this.#told();
  }

  receipt(ref: string): void {
    this.receipts.push(this.#byRef.get(ref) ?? `unknown ${ref}`);
    this.#onReceipt(this);
    this.#told();
  }

  refused(ref: string, refusal: SayRefusal): void {
    const text = this.#byRef.get(ref) ?? `unknown ${ref}`;
    this.refusals.push({ text, code: refusal.code });
    this.troubles.push(`refused ${text}: ${refusal.code}`);
    this.#told();
  }

  trouble(code: string, message: string): void {
    this.troubles.push(`${code}: ${message}`);
    this.#told();
  }

  lost(_reason: string, retryInMs: number): void {
    this.isLive = false;
    this.losses += 1;
    this.waits.push(retryInMs);
    this.#told();
  }

  ended(end: SessionEnd): void {
    this.end = end;
    this.#told();
  }
}

/** What is wrong with these log lines: seqs that do not rise, texts that come twice. */
export function faultsOf(lines: readonly LogLine[], whose: string): string[] {
  const faults: string[] = [];
  const texts = new Set<string>();
  let last = 0;
  for (const { seq, text } of lines) {
    if (seq <= last) faults.push(`${whose}: seq ${seq} follows ${last}`);
    if (texts.has(text)) faults.push(`${whose}: "${text}" came twice`);
    last = seq;
    texts.add(text);
  }
  return faults;
}
