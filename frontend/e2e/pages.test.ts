/** Every page in a real browser, in each size, light and dark, both languages: `npm run e2e`. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { assertAccessible, launch, open, overflow, weigh, type Visit } from './browser.ts';
import { discover, NOT_HERE, openSite, type Site } from './site.ts';

const SHOTS = 'e2e/shots';
const SCHEMES = ['light', 'dark'] as const;
const LANGUAGES = { en: 'en-GB', fr: 'fr-FR' };

let site: Site;
let browser: Browser;
let paths: string[] = [];
let links: string[] = [];

before(async () => {
  fs.mkdirSync(SHOTS, { recursive: true });
  site = await openSite();
  browser = await launch();
  const page = await browser.newPage();
  ({ paths, links } = await discover(page, site.url));
  await page.close();
});

after(async () => {
  await browser.close();
  site.close();
});

const fileOf = (path: string) => path.replace(/[^\w]+/g, '_').replace(/^_|_$/g, '') || 'home';

/** One reader opens every page, and each is tried on its own. */
function onEveryPage(
  name: string,
  options: BrowserContextOptions,
  check: (page: Page, path: string, visit: Visit) => Promise<void>,
): void {
  test(name, async (t) => {
    const context = await browser.newContext({ reducedMotion: 'reduce', locale: LANGUAGES.fr, ...options });
    for (const path of paths) {
      await t.test(path, async () => {
        const visit = await open(context, site.url + path);
        await check(visit.page, path, visit);
        await visit.close();
      });
    }
    assert.deepEqual(await context.cookies(), [], 'a cookie was set');
    await context.close();
  });
}

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

// The same document answers every size and scheme: each page is loaded once a language, and shown in all of them.
for (const [language, locale] of Object.entries(LANGUAGES)) {
  onEveryPage(
    `every page is sound in ${language}`,
    { locale, viewport: PHONE },
    async (page, path, visit) => {
      assert.equal(await page.getAttribute('html', 'lang'), language);
      assert.equal(await page.locator('h1').count(), 1);
      for (const viewport of [PHONE, DESK]) {
        await page.setViewportSize(viewport);
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          const variant = `${viewport.width}-${colorScheme}-${language}`;
          await page.screenshot({ path: `${SHOTS}/${fileOf(path)}-${variant}.png`, fullPage: true });
          await assertAccessible(page, [], variant);
          assert.equal(await overflow(page), 0, `${variant} scrolls sideways`);
        }
      }
      assert.deepEqual(visit.faults, []);
    },
  );
}

onEveryPage(
  'narrow, from right to left, in forced colours, with large text and on paper nothing is lost',
  { viewport: { width: 320, height: 640 } },
  async (page, path) => {
    assert.equal(await overflow(page), 0, 'from left to right');
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    assert.equal(await overflow(page), 0, 'from right to left');
    await page.screenshot({ path: `${SHOTS}/${fileOf(path)}-320-rtl.png` });
    await page.evaluate(() => (document.documentElement.dir = 'ltr'));
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ forcedColors: 'active' });
    await page.screenshot({ path: `${SHOTS}/${fileOf(path)}-forced-colors.png` });
    // The system's colours are shown, but scripts are told those of the style: axe compares what nobody sees.
    await assertAccessible(page, ['color-contrast']);
    await page.emulateMedia({ forcedColors: 'none' });
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    assert.equal(await overflow(page), 0, 'with text twice as large');
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('h1').isVisible());
  },
);

/** Links in running text are as high as their line; the link of a ticket covers the ticket. */
const NO_TARGETS =
  '.prose a, p:not([class]) > a, .lead a, .note a, .sources a, .ticket .name a, .skip, .check input';

onEveryPage('targets are as large as a thumb', { viewport: PHONE }, async (page) => {
  const small = await page.evaluate(
    (exempt) =>
      [...document.querySelectorAll('a, button, input, select, summary')]
        .filter((element) => !element.matches(exempt) && element.checkVisibility())
        .flatMap((element) => {
          const { width, height } = element.getBoundingClientRect();
          const size = `${Math.round(width)} × ${Math.round(height)}`;
          return height >= 44 && width >= 24 ? [] : [`${size}: ${element.outerHTML.slice(0, 80)}`];
        }),
    NO_TARGETS,
  );
  assert.deepEqual(small, []);
});

test('every page reads the same without JavaScript', async (t) => {
  const without = await browser.newContext({ javaScriptEnabled: false });
  const withScripts = await browser.newContext();
  for (const path of paths) {
    await t.test(path, async () => {
      const [plain, enhanced] = await Promise.all([textOf(without, path), textOf(withScripts, path)]);
      assert.ok(plain.length > 100);
      assert.equal(plain, enhanced);
    });
  }
  await Promise.all([without.close(), withScripts.close()]);
});

/** The text of a page, without what only a script can do and only a script shows. */
async function textOf(context: BrowserContext, path: string): Promise<string> {
  const { page, close } = await open(context, site.url + path);
  const text = await page.locator('main').innerText();
  const extras = await page.locator('[data-share], [data-copy], [data-your-time]').allInnerTexts();
  await close();
  return extras
    .reduce((rest, extra) => rest.replace(extra, ''), text)
    .replace(/\s+/g, ' ')
    .trim();
}

/** What a first visit on a phone may cost, in bytes as they are sent, and in requests. */
const BUDGET = { script: 10_000, style: 15_000, all: 100_000, requests: 12, entries: 50 };

test('every page is within its budget', async (t) => {
  for (const path of paths) {
    await t.test(path, async () => {
      const options = { viewport: PHONE, deviceScaleFactor: 2, isMobile: true };
      const context = await browser.newContext({ ...options, serviceWorkers: 'block' });
      const page = await context.newPage();
      const weight = await weigh(page, site.url + path);
      for (const [what, most] of Object.entries(BUDGET)) {
        const is = weight[what as keyof typeof BUDGET];
        assert.ok(is <= most, `${what}: ${is} are more than ${most}`);
      }
      assert.deepEqual(await context.cookies(), [], 'a cookie was set');
      await context.close();
    });
  }
});

test('no link of this site is dead', async () => {
  const dead: string[] = [];
  for (const link of links.filter((link) => link !== NOT_HERE)) {
    const response = await fetch(site.url + link, { redirect: 'follow' });
    if (response.status >= 400) dead.push(`${response.status} ${link}`);
    await response.body?.cancel();
  }
  assert.deepEqual(dead, []);
});
