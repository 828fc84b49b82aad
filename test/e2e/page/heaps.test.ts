// Texts that are made to cover others: no message takes more than a part of the view, and nothing of it is drawn over
// another.

import { expect } from 'vitest';
import { browserTest, useBrowsers } from './browser.ts';
import { enterScripted } from './scripted-room.ts';

const browsers = useBrowsers();
const WIDE = { viewport: { width: 1000, height: 800 } };

const at = Date.now();
const message = (seq: number, text: string, nick = 'ann') => ({ type: 'message', seq, at, id: nick, nick, text });

browserTest(
  'a text of newlines scrolls by itself, by keyboard too, and the rest of the room stays in view',
  async () => {
    const { page: bob, server } = await enterScripted(browsers, 'bob', WIDE);
    server.send(message(1, `top${'\n'.repeat(16_370)}end`), message(2, 'after'));
    await bob.getByText('after', { exact: true }).waitFor();
    const long = bob.locator('.text', { hasText: 'top' });
    expect((await long.boundingBox())?.height).toBeLessThanOrEqual(0.6 * WIDE.viewport.height);
    expect(await bob.evaluate('document.querySelector("#rows .text").scrollHeight')).toBeGreaterThan(100_000);
    await long.focus();
    await bob.keyboard.press('End');
    await expect.poll(() => bob.evaluate('document.querySelector("#rows .text").scrollTop')).toBeGreaterThan(100_000);
    expect(await bob.getByText('after', { exact: true }).isVisible()).toBe(true);
  },
);

browserTest('a text that fits is no stop of the keyboard', async () => {
  const { page: bob, server } = await enterScripted(browsers, 'bob', WIDE);
  server.send(message(1, 'short\nand two lines'), message(2, 'x'.repeat(2000)));
  await bob.locator('.text', { hasText: 'xxx' }).waitFor();
  expect(await bob.locator('#rows .text[tabindex]').count()).toBe(1);
});

browserTest('marks that are piled up on a letter reach no other row, in texts and in nicks', async () => {
  const heap = `o${'\u0301'.repeat(31)}`;
  expect((await lookAbove(heap, 'ann')).equals(await lookAbove('o', 'ann'))).toBe(true);
  // A nick of a log that is older than the rule.
  expect((await lookAbove('.', heap)).equals(await lookAbove('.', 'o'))).toBe(true);
});

browserTest('the rows end where their list does, however many there are', async () => {
  const { page: bob, server } = await enterScripted(browsers, 'bob', WIDE);
  server.send(...Array.from({ length: 100 }, (_, i) => message(i + 1, `line ${i + 1}`)));
  await bob.getByText('line 100', { exact: true }).waitFor();
  const bottom = (id: string) => bob.evaluate(`document.getElementById('${id}').getBoundingClientRect().bottom`);
  expect(Number(await bottom('rows'))).toBeCloseTo(Number(await bottom('canvas')), 0);
});

/** How a row looks that stands above such a message, but for the hair's breadth by which letters of tall scripts overlap. */
async function lookAbove(text: string, nick: string): Promise<Buffer> {
  const { page: bob, server } = await enterScripted(browsers, 'bob', WIDE);
  server.send(message(1, '-----', 'eve'), message(2, text, nick));
  const rows = bob.locator('#rows > .message');
  await expect.poll(() => rows.count()).toBe(2);
  expect(await bob.locator('#rows').textContent()).not.toMatch(/\u0301{31}/);
  expect(await rows.nth(1).locator('.nick').textContent()).not.toMatch(/\u0301{5}/);
  const box = await rows.nth(0).boundingBox();
  if (box === null) throw new Error('The row is not drawn.');
  return bob.screenshot({ clip: { ...box, height: box.height - 4 } });
}
