// Linear time in a browser: what the page and Chromium together take to show a text grows with its bytes. As in
// test/support/growth.ts, a machine is compared with itself.

import { expect } from 'vitest';
import { MAX_TEXT_BYTES } from '../../../src/protocol/index.ts';
import { WORST_TEXTS } from '../../support/worst-texts.ts';
import { browserTest, useBrowsers } from './browser.ts';
import { enterScripted } from './scripted-room.ts';

const TIMES = 8;
const MOST_GROWTH = 16;
/** Seconds of work below which nobody is kept waiting, and nothing can be measured. */
const FLOOR = 0.03;
const ATTEMPTS = 3;

const browsers = useBrowsers();

browserTest('a text of any kind is shown in time that grows with its bytes', { timeout: 120_000 }, async () => {
  const { page, server } = await enterScripted(browsers, 'ann');
  const tools = await page.context().newCDPSession(page);
  await tools.send('Performance.enable');
  const work = async (): Promise<number> => {
    const { metrics } = await tools.send('Performance.getMetrics');
    const counted = metrics.filter(({ name }) => /^(Script|Layout|RecalcStyle)Duration$/.test(name));
    return counted.reduce((sum, { value }) => sum + value, 0);
  };

  let seq = 0;
  /** Seconds that the page works for one message, the lowest of a few. */
  const lowestCost = async (text: string, runs: number): Promise<number> => {
    let lowest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < runs && lowest > FLOOR; run++) {
      seq += 1;
      const before = await work();
      // Each from somebody else, so that every row has a head.
      server.send({ type: 'message', seq, at: 0, id: `i${seq}`, nick: 'eve', text: `ann${text.toWellFormed()}` });
      await page.locator(`#rows > .message[aria-posinset="${seq + 1}"]`).waitFor({ state: 'attached' });
      lowest = Math.min(lowest, (await work()) - before);
    }
    return lowest;
  };

  const strays: string[] = [];
  for (const [family, make] of Object.entries(WORST_TEXTS)) {
    const large = make(MAX_TEXT_BYTES);
    const small = make(MAX_TEXT_BYTES / TIMES);
    for (let attempt = 1; ; attempt++) {
      const ofLarge = await lowestCost(large, 3);
      if (ofLarge <= FLOOR) break;
      const ofSmall = await lowestCost(small, 5);
      if (ofLarge <= MOST_GROWTH * ofSmall) break;
      if (attempt < ATTEMPTS) continue;
      strays.push(`${family}: ${ofSmall} s, and ${ofLarge} s for ${TIMES} times as much`);
      break;
    }
  }
  expect(strays).toEqual([]);
});
