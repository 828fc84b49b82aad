// What a session told, as a list of short words that a test can compare, and a way to wait for one of them.

import type { ReceivedLine, SayRefusal, SessionEnd, SessionObserver, Welcome } from '../../src/client/index.ts';

export class Recorder implements SessionObserver {
  readonly events: string[] = [];
  /** Texts and seqs of log lines, as shown. */
  readonly shown: string[] = [];
  readonly raw: string[] = [];
  end: SessionEnd | undefined;
  private waiting: { readonly event: string; readonly resolve: () => void }[] = [];

  /** Resolves once this event is told for the `times`th time. */
  async until(event: string, times = 1): Promise<void> {
    while (this.events.filter((told) => told === event).length < times) {
      await new Promise<void>((resolve, reject) => {
        const complain = () => reject(new Error(`waited for "${event}"; so far: ${this.events.join(', ')}`));
        const timer = setTimeout(complain, 10_000);
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        this.waiting.push({ event, resolve: done });
      });
    }
  }

  private tell(event: string): void {
    this.events.push(event);
    const ready = this.waiting.filter((waiter) => waiter.event === event);
    this.waiting = this.waiting.filter((waiter) => waiter.event !== event);
    for (const { resolve } of ready) resolve();
  }

  connecting(server?: string): void {
    this.tell(server === undefined ? 'connecting' : `connecting ${server}`);
  }

  joined(welcome: Welcome, resumed: boolean): void {
    this.tell(`${resumed ? 'resumed' : 'joined'} ${welcome.nick}`);
  }

  live(newLines: number): void {
    this.tell(`live ${newLines}`);
  }

  line(line: ReceivedLine, raw: string, own: boolean): void {
    this.raw.push(raw);
    if (line.type === 'message') this.shown.push(`${line.seq} ${line.text}${own ? ' (own)' : ''}`);
    else if (line.type === 'notice') this.shown.push(`${line.seq} notice`);
    else this.tell(`line ${line.type}${own ? ' (own)' : ''}`);
    if (line.type === 'message' || line.type === 'notice') this.tell(`seq ${line.seq}`);
  }

  receipt(ref: string): void {
    this.tell(`receipt ${ref}`);
  }

  refused(ref: string, refusal: SayRefusal): void {
    this.tell(`refused ${ref} ${refusal.code}`);
  }

  trouble(code: string): void {
    this.tell(`trouble ${code}`);
  }

  lost(_reason: string, retryInMs: number): void {
    this.tell(`lost ${retryInMs}`);
  }

  ended(end: SessionEnd): void {
    this.end = end;
    this.tell(`ended ${end.kind}`);
  }
}
