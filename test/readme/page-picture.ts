// Makes the README's picture of the page from a real room in a real Chromium, with the same conversation as picture.ts.
// `node test/support/run.js test/readme/page-picture.ts` writes test/readme/page.png.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { COMMAND, startServer } from '../support/server-process.ts';

const TARGET = join('test', 'readme', 'page.png');
const server = await startServer();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const run = (...words: readonly string[]): void => {
    execFileSync(process.execPath, [COMMAND, ...words, '--server', server.url], {
      env: { ...process.env, ...server.env },
    });
  };
  run('say', 'lobby', '--nick', 'bob', 'the build is green again');
  run('say', 'lobby', '--nick', 'carol', 'then let us ship it');
  const page = await browser.newPage({ viewport: { width: 760, height: 500 } });
  await page.goto(`${server.url}/rooms/lobby`);
  await page.getByLabel('Name', { exact: true }).fill('alice');
  await page.keyboard.press('Enter');
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill('I have just read through the whole history');
  await page.keyboard.press('Enter');
  await page.locator('.own').getByText('I have just read').waitFor();
  run('say', 'lobby', '--nick', 'bob', 'alice, look: nothing disturbs what you type');
  run('admin', 'broadcast', 'lobby', 'restarting in 5 minutes');
  await page.locator('#rows').getByText('restarting in 5 minutes').waitFor();
  await message.fill('and while I type this');
  await page.screenshot({ path: TARGET });
  process.stdout.write(`${TARGET} is made.\n`);
} finally {
  await browser.close();
  await server.stop();
}
