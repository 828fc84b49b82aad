// What a hostile peer can make either role hold: a process of its own is fed each attack in pieces as from a socket, and
// measures its resident memory. The bounds are those of the hardening table; each attack ends with the code it deserves.
import { execa } from 'execa';
import { expect, test } from 'vitest';

/** Releases of Node differ in how much garbage they keep about before they collect it: here all keep little. */
const SMALL_HEAP = '--max-semi-space-size=1';

interface Report {
  attack: string;
  code: number;
  /** MiB that twenty of these attacks leave behind, and that one takes at its peak. */
  kept: number;
  peak: number;
}

test('no attack leaves more than 2 MiB in either role, no bomb more than 4, not even at its peak, and good messages pass after it', async () => {
  const { stdout } = await execa('node', [SMALL_HEAP, 'test/support/run.js', 'test/websocket/memory-attacks.ts']);
  const reports: Report[] = stdout.split('\n').map((line) => JSON.parse(line));
  expect(reports.length).toBe(18);
  for (const { attack, code, kept, peak } of reports) {
    expect([1002, 1007, 1009], attack).toContain(code);
    expect(kept, attack).toBeLessThanOrEqual(attack.includes('bomb') ? 4 : 2);
    expect(peak, attack).toBeLessThanOrEqual(4);
  }
});
