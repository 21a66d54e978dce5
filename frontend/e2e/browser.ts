/** One browser for all journeys, and a page of it that notes everything it should not do. */

import { AxeBuilder } from '@axe-core/playwright';
import assert from 'node:assert/strict';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';

/** No service of the browser's maker is asked anything, and no sandbox is needed for pages of our own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.KERMESSE_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

export interface Visit {
  page: Page;
  /** What went wrong so far: errors of scripts, refusals of the policy, requests to other hosts. */
  faults: string[];
  close: () => Promise<void>;
}

/** A reader of their own: nothing is kept from the one before. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const { page, faults } = await open(context, url);
  return { page, faults, close: () => context.close() };
}

/** Another page of the same reader. */
export async function open(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const expected = /Failed to load resource.*(404|410)/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !expected) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== 'data:' && host !== new URL(url).host)
      faults.push(`asked another host: ${request.url()}`);
  });
  await page.goto(url, { waitUntil: 'load' });
  return { page, faults, close: () => page.close() };
}

/** Everything that axe knows, best practices too, except the rules that `disabled` names. */
export async function assertAccessible(page: Page, disabled: string[] = [], where = ''): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).disableRules(disabled).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
  assert.deepEqual(found, [], where);
}

/** How many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export interface Weight {
  script: number;
  style: number;
  /** Everything but pictures that people gave. */
  all: number;
  /** Without pictures that a browser fetches when they come near. */
  requests: number;
  entries: number;
}

/** Opens an address for the first time and weighs what comes, in bytes as they are sent. */
export async function weigh(page: Page, url: string): Promise<Weight> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const kinds = new Map<string, { type: string; url: string }>();
  const weight = { script: 0, style: 0, all: 0, requests: 0, entries: 0 };
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    kinds.set(requestId, { type, url: response.url });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    if (!kind || kind.url.startsWith('data:')) return;
    weight.requests += 1;
    if (kind.type === 'Script') weight.script += encodedDataLength;
    if (kind.type === 'Stylesheet') weight.style += encodedDataLength;
    if (!new URL(kind.url).pathname.startsWith('/media/')) weight.all += encodedDataLength;
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  const late = await page.$$eval('img[loading=lazy]', (images) => {
    const fetched = images as HTMLImageElement[];
    return fetched.filter(({ currentSrc }) => currentSrc.includes('/media/')).length;
  });
  weight.requests -= late;
  weight.entries = await page.locator('article.ticket').count();
  await session.detach();
  return weight;
}
