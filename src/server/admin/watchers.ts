// The admins that watch: each is told every event of this server, and of the others of a cluster, which say what happens
// at theirs. A line that was said at another server is told by that one alone.

import { safeJson } from '../../protocol/index.ts';
import { encodeEvent, type ServerEvent } from '../reporting/events.ts';
import type { OtherServer, Others } from './others.ts';

/** One that watches. `event` is a line, newline included. */
export interface Watcher {
  tell(event: string): void;
}

export class Watchers {
  readonly #watching = new Set<Watcher>();
  #endWatch: (() => void) | undefined;
  readonly #others: Others;

  constructor(others: Others) {
    this.#others = others;
  }

  add(watcher: Watcher): void {
    this.#watching.add(watcher);
    this.#endWatch ??= this.#others.watch((from, events) => this.#tellThose(from, events));
  }

  remove(watcher: Watcher): void {
    this.#watching.delete(watcher);
    if (this.#watching.size > 0) return;
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  tell(event: ServerEvent): void {
    const others = this.#others;
    if (this.#watching.size === 0 && !others.isWatched) return;
    if ('elsewhere' in event && event.elsewhere === true) return;
    const line = encodeEvent(event);
    if (others.isWatched) others.tell(line);
    const shown = withNode(line, others.self);
    for (const watcher of this.#watching) watcher.tell(shown);
  }

  #tellThose(from: OtherServer, events: string): void {
    for (const line of events.split('\n')) {
      if (line === '') continue;
      const shown = withNode(`${line}\n`, from);
      for (const watcher of this.#watching) watcher.tell(shown);
    }
  }
}

function withNode(line: string, server: OtherServer | undefined): string {
  return server === undefined ? line : `{"node":${safeJson(server.name)},${line.slice(1)}`;
}
