/**
 * Makes the pictures of the guides from a running program with the sample: `make screenshots`. Days are those of today
 * and the address is an example; the rest is the same each time.
 */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../e2e/browser.ts';
import { palettePng } from './palette.ts';

const SITE = process.env.KERMESSE_E2E_URL ?? 'http://localhost:8080';
/** The address that pictures show: the port is another each time. */
const SHOWN = 'https://agenda.example.org';
const DOCS = '../docs';
const MOST_BYTES = 120 * 1024;

const DESK = { width: 1120, height: 1250 };
const PHONE = { width: 390, height: 844 };

interface Shot {
  name: string;
  size: { width: number; height: number };
  path: string;
  dark?: boolean;
  /** What is done on the page before the picture. */
  act?: (page: Page) => Promise<unknown>;
}

/** Opens the event whose title has these words. */
const event = (words: string) => (page: Page) =>
  page.locator('article.ticket .name a', { hasText: words }).first().click();

const under = (selector: string) => (page: Page) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => element.scrollIntoView({ block: 'start' }));

const READING: Shot[] = [
  { name: 'home', size: DESK, path: '/' },
  { name: 'home-phone', size: PHONE, path: '/' },
  { name: 'home-dark', size: PHONE, path: '/', dark: true },
  { name: 'event', size: PHONE, path: '/search?when=month', act: event('Théâtre') },
  { name: 'series', size: PHONE, path: '/search?q=v%C3%A9lo', act: (page) => dates(page) },
  { name: 'search', size: PHONE, path: '/search?near=Lyon&km=10&when=weekend' },
  {
    name: 'did-you-mean',
    size: { ...PHONE, height: 620 },
    path: '/search?q=attelier',
    act: under('#results'),
  },
  { name: 'subscribe', size: PHONE, path: '/subscribe' },
  { name: 'subscribe-phone', size: PHONE, path: '/subscribe', act: under('#press') },
];

const RUNNING: Shot[] = [{ name: 'about', size: { ...DESK, height: 1000 }, path: '/about' }];

async function dates(page: Page): Promise<void> {
  await event('Atelier vélo')(page);
  await page.locator('a[href*="/series/"]').first().click();
  await under('#events')(page);
}

async function take(browser: Browser, shot: Shot, language: string, file: string): Promise<void> {
  const context = await browser.newContext({
    viewport: shot.size,
    colorScheme: shot.dark ? 'dark' : 'light',
    locale: language,
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(SITE + shot.path, { waitUntil: 'load' });
  await shot.act?.(page);
  await page.waitForLoadState('networkidle');
  await page.evaluate(
    ([from, to]) => {
      for (const code of document.querySelectorAll('code')) {
        code.textContent = (code.textContent ?? '').replace(from, to);
      }
    },
    [SITE, SHOWN] as const,
  );
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  await context.close();
  const compact = await withPalette(browser, png);
  assert.ok(compact.length <= MOST_BYTES, `${file} has ${compact.length} bytes`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, compact);
  console.log(`${file}: ${Math.round(compact.length / 1024)} KiB`);
}

/** The browser reads its own picture: it is the one decoder at hand. */
async function withPalette(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const { width, height, pixels } = await page.evaluate(async (text) => {
    const blob = await (await fetch(`data:image/png;base64,${text}`)).blob();
    const bitmap = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const data = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
    let binary = '';
    for (let at = 0; at < data.length; at += 32_768) {
      binary += String.fromCharCode(...data.subarray(at, at + 32_768));
    }
    return { width: bitmap.width, height: bitmap.height, pixels: btoa(binary) };
  }, png.toString('base64'));
  await page.close();
  return palettePng(Buffer.from(pixels, 'base64'), width, height);
}

const browser = await launch();
for (const shot of READING) {
  await take(browser, shot, 'en-GB', `${DOCS}/user/${shot.name}.png`);
  await take(browser, shot, 'fr-FR', `${DOCS}/user/fr/${shot.name}.png`);
}
for (const shot of RUNNING) await take(browser, shot, 'en-GB', `${DOCS}/admin/${shot.name}.png`);
await browser.close();
