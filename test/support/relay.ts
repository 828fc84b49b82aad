// A cable between two programs on loopback, which can be cut, pulled for a while, or stand still.

import { FaultProxy } from './fault-proxy.ts';

export class Relay {
  readonly #proxy: FaultProxy;
  #isDark = false;

  static async open(targetPort: number): Promise<Relay> {
    // Both programs speak first in one direction or the other: at the latest then it is dark for them.
    const proxy = await FaultProxy.open(targetPort, () =>
      relay.#isDark ? { kind: 'vanish', direction: 'down', after: 0 } : undefined,
    );
    const relay = new Relay(proxy);
    return relay;
  }

  private constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
  }

  get port(): number {
    return this.#proxy.port;
  }

  get isUsed(): boolean {
    return this.#proxy.links > 0;
  }

  /** All connections are reset, and may come straight back. */
  reset(): void {
    this.#proxy.strike('reset');
  }

  /** Nothing passes any more, and nobody is told, on new connections either. */
  darken(): void {
    this.#isDark = true;
    this.#proxy.strike('vanish');
  }

  /** Whoever still waits in the dark is told. */
  lighten(): void {
    if (!this.#isDark) return;
    this.#isDark = false;
    this.#proxy.strike('reset');
  }

  /** Nothing passes for so long; then all does that was meant to. */
  hold(ms: number): void {
    this.#proxy.strike('delay', 'up', ms);
    this.#proxy.strike('delay', 'down', ms);
  }

  close(): Promise<void> {
    return this.#proxy.close();
  }
}
