// One client over three connections to different nodes: the first, one that comes back late with a key that is stale by then,
// and the one that goes on. The last of them is never told that it was replaced, and once it is live, nothing comes any more of
// what the others have said.

import { setTimeout as pass } from 'node:timers/promises';
import { WireClient } from '../../support/wire-client.ts';

/** Of each connection. */
const SAYS = 10;

export interface Rivalry {
  violations(lines: readonly { readonly seq: number; readonly text: string }[]): string[];
}

/** The three may be cut off at any time, and then there is nothing to say of them. Never rejects. */
export async function rivals(
  urls: readonly string[],
  room: string,
  name: string,
  next: (below: number) => number,
): Promise<Rivalry> {
  const at = next(urls.length);
  const url = (attempt: number) => ({ url: urls[(at + attempt) % urls.length] ?? '' });
  const clients: WireClient[] = [];
  let lasting: WireClient | undefined;
  const found: string[] = [];
  let liveAt = Number.POSITIVE_INFINITY;
  try {
    const { client: first, welcome } = await WireClient.join(url(0), room, { nick: name, last: 0 });
    clients.push(first);
    speak(first, `${name}.0`);
    const { id, key } = welcome;
    const back = async (attempt: number, waitMs: number) => {
      await pass(waitMs);
      const client = await WireClient.open(url(attempt), room);
      clients.push(client);
      if (attempt === 2) lasting = client;
      const { live } = await client.join({ nick: name, last: 0, resume: { id, key, attempt } });
      speak(client, `${name}.${attempt}`);
      return { client, live };
    };
    const stale = back(1, next(60)).catch(() => {});
    const { client, live } = await back(2, next(60));
    liveAt = live.seq;
    await stale;
    await client.fence();
  } catch {
    // It was cut off, or waited too long for what was struck.
  }
  for (const { code } of lasting?.of('error') ?? []) {
    if (code === 'replaced') found.push(`${name}: the connection that goes on was told that it was replaced`);
  }
  for (const client of clients) client.socket.terminate();
  return {
    violations: (lines) => [
      ...found,
      ...lines
        .filter(({ seq, text }) => seq > liveAt && (text.startsWith(`${name}.0 `) || text.startsWith(`${name}.1 `)))
        .map(({ seq, text }) => `"${text}" of an earlier connection came at ${seq}, after ${liveAt}`),
    ],
  };
}

function speak(client: WireClient, name: string): void {
  for (let i = 0; i < SAYS; i++) client.send({ type: 'say', text: `${name} ${i}`, ref: `${name} ${i}` });
}
