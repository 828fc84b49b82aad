// A TCP proxy on loopback that breaks the connections through it, each at a chosen byte and in a chosen way. What breaks
// is decided by the caller, so that a run can be repeated from its seed. It never changes a byte.

import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * - `drop`: both sides are closed at once, in the middle of whatever is under way.
 * - `reset`: the same, with a TCP reset.
 * - `half-close`: this direction ends, the other one goes on.
 * - `delay`: this direction stands still for `ms`, and goes on.
 * - `vanish`: nothing passes any more, in either direction, and nobody is told.
 */
export type FaultKind = 'drop' | 'reset' | 'half-close' | 'delay' | 'vanish';

export interface Fault {
  readonly kind: FaultKind;
  /** `up`: from the client to the server. */
  readonly direction: 'up' | 'down';
  /** It strikes when so many bytes have passed in that direction. */
  readonly after: number;
  readonly ms?: number;
}

export class FaultProxy {
  /** Faults that have struck. */
  struck = 0;
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** `plan` is asked for each connection what is to happen to it, and after a delay once more. */
  static async open(targetPort: number, plan: () => Fault | undefined): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is not bound to a port.');
    const proxy = new FaultProxy(server, address.port);
    server.on('connection', (client) => {
      const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
      const link = new Link(client, target, plan, () => {
        proxy.struck += 1;
      });
      proxy.#links.add(link);
      client.once('close', () => proxy.#links.delete(link));
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections that nobody has closed. */
  get links(): number {
    return this.#links.size;
  }

  /** Lets a fault strike all connections of this moment. */
  strike(kind: FaultKind, direction: 'up' | 'down' = 'down', ms = 0): void {
    for (const link of this.#links) link.strike({ kind, direction, after: 0, ms });
  }

  async close(): Promise<void> {
    this.strike('drop');
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

class Link {
  #vanished = false;
  readonly #passed = { up: 0, down: 0 };
  #fault: Fault | undefined;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #plan: () => Fault | undefined;
  readonly #struck: () => void;

  constructor(client: Socket, target: Socket, plan: () => Fault | undefined, struck: () => void) {
    this.#client = client;
    this.#target = target;
    this.#plan = plan;
    this.#struck = struck;
    this.#fault = plan();
    this.#pass('up', client, target);
    this.#pass('down', target, client);
  }

  #pass(direction: 'up' | 'down', from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (this.#vanished) return;
      const fault = this.#fault;
      const before = this.#passed[direction];
      this.#passed[direction] += chunk.length;
      if (fault?.direction === direction && this.#passed[direction] >= fault.after) {
        const whole = Math.max(0, fault.after - before);
        to.write(chunk.subarray(0, whole));
        this.#fault = undefined;
        this.strike(fault);
        if (fault.kind !== 'delay') return;
        const later = this.#plan();
        this.#fault = later && { ...later, after: later.after + this.#passed[later.direction] };
        if (!to.write(chunk.subarray(whole))) this.#waitFor(to, from);
      } else if (!to.write(chunk)) this.#waitFor(to, from);
    });
    from.on('end', () => {
      if (!this.#vanished) to.end();
    });
    from.on('error', () => {});
    from.on('close', () => {
      if (!this.#vanished) to.destroy();
    });
  }

  /** Back-pressure: what one side does not take, the other is not asked for. */
  #waitFor(to: Socket, from: Socket): void {
    from.pause();
    to.once('drain', () => from.resume());
  }

  strike({ kind, direction, ms = 0 }: Fault): void {
    this.#struck();
    const [from, to] = direction === 'up' ? [this.#client, this.#target] : [this.#target, this.#client];
    switch (kind) {
      case 'drop':
        this.#client.destroy();
        this.#target.destroy();
        break;
      case 'reset':
        this.#client.resetAndDestroy();
        this.#target.resetAndDestroy();
        break;
      case 'half-close':
        from.removeAllListeners('data');
        from.resume();
        to.end();
        break;
      case 'delay':
        from.pause();
        setTimeout(() => from.resume(), ms);
        break;
      case 'vanish':
        this.#vanished = true;
        break;
    }
  }
}

/** Faults of all the kinds that end a connection, and delays, somewhere in the next `within` bytes. */
export function randomFaults(next: (below: number) => number, within: number): () => Fault {
  const kinds = ['drop', 'reset', 'half-close', 'delay'] as const;
  return () => ({
    kind: kinds[next(kinds.length)] ?? 'drop',
    direction: next(2) === 0 ? 'up' : 'down',
    after: 1 + next(within),
    ms: next(100),
  });
}
