// Debian's Chromium for the tests of the page: one a file, a context of its own for each visitor. Where it is missing
// the tests are skipped and say so; in CI they fail. It collects what the page itself complains about.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const isMissing = !existsSync(CHROMIUM);
if (isMissing && !process.env.CI) {
  console.warn(`The tests of the page are skipped: there is no ${CHROMIUM} (apt-get install chromium).`);
}

/** `test` where there is a browser, and in CI, where there has to be one. */
export const browserTest = test.skipIf(isMissing && !process.env.CI);

export interface Browsers {
  /** What the pages complained about so far: a test that wants complaints takes them. */
  takeComplaints(): string[];
  /** Opens a URL as somebody who was never there. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** Opens a room's page and joins it. */
  enter(room: string, nick: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Registers the browser's life with the test file. After each test no page may have thrown or been refused anything. */
export function useBrowsers(): Browsers {
  let browser: Browser | undefined;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (isMissing && !process.env.CI) return;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  const open = async (url: string, options: BrowserContextOptions = {}) => {
    if (browser === undefined) throw new Error('The browser is not running.');
    const context = await browser.newContext(options);
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      // A server that is away or refuses is part of some tests, and Chromium reports it as an error of the page.
      if (message.type() === 'error' && !/^(WebSocket connection to|Failed to load resource)/.test(message.text()))
        complaints.push(message.text());
    });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
  const enter = async (room: string, nick: string, options?: BrowserContextOptions) => {
    const page = await open(room, options);
    await page.getByLabel('Name', { exact: true }).fill(nick);
    await page.getByRole('button', { name: 'Join' }).click();
    await live(page);
    return page;
  };
  return { open, enter, takeComplaints: () => complaints.splice(0) };
}

/** Waits until the page is in the room and at the end of its history. */
export async function live(page: Page): Promise<void> {
  await page.locator('#standing[data-kind=well]').waitFor({ state: 'attached' });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

/** Waits until a message with exactly that text is shown as the room's. */
export async function shown(page: Page, text: string): Promise<void> {
  await page.locator('#rows .text').getByText(text, { exact: true }).waitFor();
}

/** The texts of all messages in the document, in their order. */
export function texts(page: Page): Promise<string[]> {
  return page.locator('#rows .message .text').allTextContents();
}
