// The scenario of somebody who takes all the places: from one address it opens connections of one kind, opens another for
// each that it loses, and does nothing with them. Meanwhile others, from other addresses, want to get in.

import { connect, type Socket } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import { bystander, p99 } from '../../support/bystander.ts';
import type { Outcome } from '../../support/outcome.ts';
import { type ServerOptions, startServer } from '../../support/server-process.ts';
import { WireClient } from '../../support/wire-client.ts';

export const KINDS = ['nothing', 'half a request', 'idle after answers', 'no handshake'] as const;
export type Kind = (typeof KINDS)[number];

export interface IdleDoors {
  readonly kind: Kind;
  /** Connections that the attacker wants to have at once. */
  readonly cycles: number;
  /** Places for clients: with those that may wait beside them fewer than `cycles`. */
  readonly clients: number;
  /** So many others come, one after the other. */
  readonly newcomers: number;
  /** A certificate for 127.0.0.1: then everything is over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface DoorsOutcome extends Outcome {
  /** What a message of a member who is in already took to arrive, of 100 all but one, in milliseconds. */
  readonly p99Ms: number;
}

const ATTACKER = '127.0.0.2';
const GET = 'GET /nope HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
/** Below the time for which the server keeps an idle connection. */
const AGAIN_MS = 2_000;
/** Whoever is cut off comes back after this. A storm of connections would load this process, which measures, as well. */
const PAUSE_MS = 5_000;
/** So many connect at the same time: a burst that overflows the listener's backlog would only test the kernel. */
const TOGETHER = 50;

export async function holdDoors({ kind, cycles, clients, newcomers, tls }: IdleDoors): Promise<DoorsOutcome> {
  const flags = tls === undefined ? [] : ['--tls-cert', tls.cert, '--tls-key', tls.key];
  const options: ServerOptions = { args: ['--max-clients', String(clients), ...flags] };
  const server = await startServer(options);
  const at = tls === undefined ? server : { url: server.url.replace('http', 'https') };
  const attack = new Attack(server.port, kind);
  let shutOut = 0;
  try {
    const member = await bystander(at, 'bystanders', { rejectUnauthorized: false });
    await attack.begin(cycles);
    for (let i = 0; i < newcomers; i++) {
      const from = { localAddress: `127.0.1.${(i % 250) + 1}`, rejectUnauthorized: false };
      try {
        const { client } = await WireClient.join(at, 'lobby', {}, from);
        await client.say(`here ${i}`);
        await client.leave();
      } catch {
        shutOut++;
      }
      await pass(20);
    }
    const taken = await member.leave();
    return {
      counted: { connections: attack.opened, held: attack.held, newcomers, shutOut },
      violations: shutOut === 0 ? [] : [`${shutOut} of ${newcomers} others were shut out`],
      p99Ms: p99(taken),
    };
  } finally {
    attack.end();
    await server.stop();
  }
}

class Attack {
  opened = 0;
  readonly #sockets = new Set<Socket>();
  #under = true;
  readonly #port: number;
  readonly #kind: Kind;

  constructor(port: number, kind: Kind) {
    this.#port = port;
    this.#kind = kind;
  }

  /** How many the server has not ended. */
  get held(): number {
    return this.#sockets.size;
  }

  /** Resolves when `count` connections have been opened; from then on each that is lost is replaced. */
  async begin(count: number): Promise<void> {
    for (let at = 0; at < count; at += TOGETHER) {
      await Promise.all(Array.from({ length: Math.min(TOGETHER, count - at) }, () => this.#open()));
    }
  }

  end(): void {
    this.#under = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #open(): Promise<void> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: ATTACKER });
    this.opened++;
    socket.on('error', () => {});
    socket.resume();
    const again = this.#kind === 'idle after answers' ? setInterval(() => socket.write(GET), AGAIN_MS) : undefined;
    socket.on('close', () => {
      clearInterval(again);
      this.#sockets.delete(socket);
      if (this.#under) setTimeout(() => this.#under && void this.#open(), PAUSE_MS);
    });
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    if (socket.destroyed) return;
    this.#sockets.add(socket);
    if (this.#kind === 'half a request') socket.write(GET.slice(0, 20));
    if (this.#kind === 'idle after answers') {
      socket.write(GET);
      await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    }
  }
}
