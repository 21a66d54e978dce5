/** Every page in a real browser, in each size, light and dark, both languages: `npm run e2e`. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { assertAccessible, launch, open, overflow, visit, type Visit } from './browser.ts';
import { discover, NOT_HERE, openSite, type Site } from './site.ts';

const SHOTS = 'e2e/shots';
const WIDTHS = [390, 1280];
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

for (const [language, locale] of Object.entries(LANGUAGES)) {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const viewport = { width, height: width < 700 ? 844 : 900 };
      onEveryPage(
        `every page is sound in ${language}, ${colorScheme}, ${width} px`,
        { locale, colorScheme, viewport },
        async (page, path, { faults }) => {
          assert.equal(await page.getAttribute('html', 'lang'), language);
          assert.equal(await page.locator('h1').count(), 1);
          const file = `${SHOTS}/${fileOf(path)}-${width}-${colorScheme}-${language}.png`;
          await page.screenshot({ path: file, fullPage: true });
          await assertAccessible(page);
          assert.equal(await overflow(page), 0, 'scrolls sideways');
          assert.deepEqual(faults, []);
        },
      );
    }
  }
}

onEveryPage(
  'nothing scrolls sideways at 320 px, in either direction of writing',
  { viewport: { width: 320, height: 640 } },
  async (page, path) => {
    assert.equal(await overflow(page), 0, 'from left to right');
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    assert.equal(await overflow(page), 0, 'from right to left');
    await page.screenshot({ path: `${SHOTS}/${fileOf(path)}-320-rtl.png` });
  },
);

onEveryPage(
  'forced colours, text twice as large and paper lose nothing',
  { viewport: PHONE, forcedColors: 'active' },
  async (page, path) => {
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
  for (const path of paths) {
    await t.test(path, async () => {
      const [without, withScripts] = [await textOf(path, false), await textOf(path, true)];
      assert.ok(without.length > 100);
      assert.equal(without, withScripts);
    });
  }
});

/** The text of a page, without what only a script can do and only a script shows. */
async function textOf(path: string, javaScriptEnabled: boolean): Promise<string> {
  const { page, close } = await visit(browser, site.url + path, { javaScriptEnabled });
  const text = await page.locator('main').innerText();
  const extras = await page.locator('[data-share], [data-copy], [data-your-time]').allInnerTexts();
  await close();
  return extras
    .reduce((rest, extra) => rest.replace(extra, ''), text)
    .replace(/\s+/g, ' ')
    .trim();
}

test('no link of this site is dead', async () => {
  const dead: string[] = [];
  for (const link of links.filter((link) => !link.endsWith(NOT_HERE))) {
    const response = await fetch(site.url + link, { redirect: 'follow' });
    if (response.status >= 400) dead.push(`${response.status} ${link}`);
    await response.body?.cancel();
  }
  assert.deepEqual(dead, []);
});
