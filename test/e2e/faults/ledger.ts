// What was said, what came back, and what the logs on disk have in the end: nothing lost, nothing twice, nothing refused.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import type { WireClient } from '../../support/wire-client.ts';

const PATIENCE_MS = 300_000;

export class Ledger {
  /** By ref: what each client said and has no answer to yet. */
  readonly #open = new Map<WireClient, Set<string>>();
  readonly #read = new Map<WireClient, number>();
  readonly #receipted = new Set<string>();
  readonly #refused = new Set<string>();
  #said = 0;

  get receipts(): number {
    return this.#receipted.size;
  }

  say(client: WireClient, text = 'hello'): void {
    const ref = `ref-${this.#said++}`;
    this.#openOf(client).add(ref);
    client.send({ type: 'say', text, ref });
  }

  /** Resolves once everything that this client said has its receipt or its refusal. */
  async settled(client: WireClient): Promise<void> {
    const open = this.#openOf(client);
    for (const end = performance.now() + PATIENCE_MS; ; ) {
      this.#take(client);
      if (open.size === 0) return;
      if (client.socket.readyState === client.socket.CLOSED) throw new Error(`${open.size} messages are unknown`);
      if (performance.now() > end) throw new Error(`${open.size} messages have no answer`);
      await pass(20);
    }
  }

  /** What was not answered is unknown from here on: the connection is gone. */
  forget(client: WireClient): void {
    this.#take(client);
    this.#open.delete(client);
  }

  #openOf(client: WireClient): Set<string> {
    const open = this.#open.get(client) ?? new Set<string>();
    this.#open.set(client, open);
    return open;
  }

  #take(client: WireClient): void {
    const open = this.#openOf(client);
    for (const line of client.lines.slice(this.#read.get(client) ?? 0)) {
      const ref = line.type === 'message' || line.type === 'error' ? line.ref : undefined;
      if (ref === undefined || !open.delete(ref)) continue;
      if (line.type === 'message') this.#receipted.add(ref);
      else this.#refused.add(ref);
    }
    this.#read.set(client, client.lines.length);
  }

  /** Compares with the logs of a server that is down. */
  async check(data: string): Promise<string[]> {
    const violations: string[] = [];
    const times = new Map<string, number>();
    for (const room of readdirSync(join(data, 'rooms'))) {
      let last = 0;
      const log = join(data, 'rooms', room, 'log.ndjson');
      for (const text of (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n')) {
        if (text === '') continue;
        const { seq, ref }: { seq: number; ref?: string } = JSON.parse(text);
        if (seq <= last) violations.push(`${room}: ${seq} follows ${last}`);
        last = seq;
        if (ref?.startsWith('ref-')) times.set(ref, (times.get(ref) ?? 0) + 1);
      }
    }
    for (const [ref, count] of times) if (count > 1) violations.push(`${ref} is there ${count} times`);
    for (const ref of this.#receipted) if (!times.has(ref)) violations.push(`${ref} is lost`);
    for (const ref of this.#refused) if (times.has(ref)) violations.push(`${ref} was refused, and is there`);
    return violations;
  }
}
