// With `--sync always` nobody gets a line before a sync that covers it has returned. Syncs are held back, and everybody
// is asked for a pong: what had been sent too early would have come before it.

import { random } from '../../log/support-lines.ts';
import { GatedSync } from '../../support/gated-sync.ts';
import { startLocalServer } from '../../support/local-server.ts';
import type { Outcome } from '../../support/outcome.ts';
import { WireClient } from '../../support/wire-client.ts';

export async function syncAlways({ receipts, seed }: { receipts: number; seed: number }): Promise<Outcome> {
  const next = random(seed);
  const gate = new GatedSync();
  const server = await startLocalServer({ sync: 'always', fs: gate.fs });
  const names = ['one', 'two', 'three'];
  const authors = await Promise.all(
    names.map(async (nick) => (await WireClient.join(server, 'lobby', { nick })).client),
  );
  const { client: speaker } = await WireClient.join(server, 'lobby', { nick: 'speaker', as: 'speaker' });
  const clients = [...authors, speaker];
  const violations: string[] = [];
  let early = 0;
  let said = 0;
  /** Ends of lines in the log, in bytes, by seq. */
  const ends = new Map<number, number>();
  let logged = 0;
  const checkedLines = clients.map(() => 0);

  /** Whatever anybody has is covered by a sync that has returned. */
  const check = async () => {
    const { covered } = gate;
    await Promise.all(clients.map((client) => client.fence()));
    for (const [i, client] of clients.entries()) {
      for (; (checkedLines[i] ?? 0) < client.lines.length; checkedLines[i] = (checkedLines[i] ?? 0) + 1) {
        const at = checkedLines[i] ?? 0;
        const line = client.lines[at];
        if (line?.type !== 'message') continue;
        if (!ends.has(line.seq)) {
          logged += Buffer.byteLength(client.raw[at] ?? '');
          ends.set(line.seq, logged);
        }
        if ((ends.get(line.seq) ?? 0) > covered) early += 1;
      }
    }
  };
  while (said < receipts) {
    for (const client of clients) {
      const count = 1 + next(20);
      client.send(
        ...Array.from({ length: count }, (_, i) => ({ type: 'say', text: `m ${said + i}`, ref: `${said + i}` })),
      );
      said += count;
    }
    const release = await gate.next();
    await check();
    release();
  }
  gate.open();
  await Promise.all(authors.map((client) => client.count('message', said)));
  const own = speaker.of('message').length;
  if (early > 0) violations.push(`${early} lines came before their sync`);
  for (const client of clients) client.socket.terminate();
  await server.stop();
  return { counted: { receipts: said, syncs: gate.syncs, tooEarly: early, ofTheSpeaker: own }, violations };
}
