/** What people do: `npm run e2e`. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, visit } from './browser.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
let browser: Browser;

before(async () => {
  site = await openSite();
  browser = await launch();
});

after(async () => {
  await browser.close();
  site.close();
});

const PHONE = { viewport: { width: 390, height: 844 }, locale: 'en-GB' };
const firstEvent = (page: Page) => page.locator('article.ticket .name a').first();

test('somebody without JavaScript looks for what is on this weekend', async () => {
  const { page, close } = await visit(browser, site.url, { ...PHONE, javaScriptEnabled: false });
  await page.getByRole('link', { name: 'This weekend' }).click();
  assert.match(page.url(), /\/search\?when=weekend$/);
  assert.equal(await page.getByLabel('When?').inputValue(), 'weekend');
  await page.getByLabel('What?').fill('zzzz');
  await page.getByRole('button', { name: 'Search' }).click();
  assert.match(page.url(), /q=zzzz/);
  await page.getByRole('heading', { name: 'No event found' }).waitFor();
  await page.getByRole('link', { name: 'Remove: zzzz' }).click();
  assert.doesNotMatch(page.url(), /zzzz/);
  await close();
});

test('somebody opens an event and takes it to their calendar', async () => {
  const { page, faults, close } = await visit(browser, site.url, PHONE);
  const title = (await firstEvent(page).innerText()).trim();
  await firstEvent(page).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  const link = page.getByRole('link', { name: 'Add to my calendar' });
  const address = await link.getAttribute('href');
  assert.match(address ?? '', /^\/events\/[\w-]+\/export\/ics$/);
  const response = await page.request.get(site.url + address);
  assert.equal(response.status(), 200);
  assert.deepEqual(faults, []);
  await close();
});

test('the keyboard reaches the content, the menu and an event, and shows where it is', async () => {
  const { page, close } = await visit(browser, site.url, {
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
  });
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      const ring = (pseudo?: string) =>
        element && getComputedStyle(element, pseudo).outlineStyle !== 'none' ? 1 : 0;
      return { text: element?.textContent?.trim() ?? '', ring: ring() + ring('::after') };
    });
  await page.keyboard.press('Tab');
  assert.equal((await focused()).text, 'Skip to content');
  const title = (await firstEvent(page).innerText()).trim();
  const texts: string[] = [];
  for (let i = 0; i < 60 && !texts.includes(title); i++) {
    await page.keyboard.press('Tab');
    const { text, ring } = await focused();
    assert.ok(ring > 0, `no ring around “${text}”`);
    texts.push(text);
  }
  for (const expected of ['What’s on', 'Search', 'Subscribe', 'About', title]) {
    assert.ok(texts.includes(expected), `not reached: ${expected}`);
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await close();
});

test('the way past the menu leads to the content', async () => {
  const { page, close } = await visit(browser, site.url, PHONE);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
  await close();
});

test('somebody changes the language and stays on the page', async () => {
  const { page, close } = await visit(browser, `${site.url}/search?when=weekend`, PHONE);
  await page.locator('footer').getByRole('link', { name: 'Français' }).click();
  assert.match(page.url(), /\/fr\/search\?when=weekend$/);
  assert.equal(await page.getAttribute('html', 'lang'), 'fr');
  await page.getByRole('navigation', { name: 'Raccourcis' }).getByRole('link', { name: 'À propos' }).click();
  assert.match(page.url(), /\/fr\/about$/);
  await close();
});

test('somebody elsewhere sees the hour of an event by their own clock', async () => {
  const { page, close } = await visit(browser, site.url, { ...PHONE, timezoneId: 'Pacific/Kiritimati' });
  const events = await page
    .locator('article.ticket .name a')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  for (const event of events) {
    await page.goto(event, { waitUntil: 'load' });
    const yours = page.locator('[data-your-time]');
    if ((await yours.count()) === 0) continue; // a whole day has no hour
    await yours.waitFor();
    assert.match(await yours.innerText(), /^For you: \w+day/);
    return close();
  }
  assert.fail('no event with an hour was found');
});

for (const visits of ['first', 'second']) {
  test(`the ${visits} page that was read can be read again without network`, async () => {
    const home = await visit(browser, site.url, { ...PHONE, javaScriptEnabled: false });
    const event = site.url + (await firstEvent(home.page).getAttribute('href'));
    await home.close();
    const { page, close } = await visit(browser, visits === 'first' ? event : site.url, PHONE);
    await page.evaluate(() => navigator.serviceWorker.ready);
    if (visits === 'second') await page.goto(event, { waitUntil: 'load' });
    const title = await page.locator('h1').innerText();
    await page.waitForFunction(async () => {
      const files = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')];
      const kept = [location.href, ...files.map(({ href }) => href)].map((address) =>
        caches.match(address, { ignoreVary: true }),
      );
      return (await Promise.all(kept)).every(Boolean);
    });
    await page.context().setOffline(true);
    await page.reload({ waitUntil: 'load' });
    assert.equal(await page.locator('h1').innerText(), title);
    const font = await page.locator('h1').evaluate((heading) => getComputedStyle(heading).fontWeight);
    assert.equal(font, '800', 'its style was kept too');
    await close();
  });
}

test('the address of a calendar is copied', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const { page, faults, close } = await visit(browser, `${site.url}/subscribe`, { ...PHONE, permissions });
  await page.getByRole('button', { name: 'Copy the address' }).click();
  await page.getByText('Address copied.').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^https?:\/\/.+\/feed\/instance\/ics$/);
  assert.deepEqual(faults, []);
  await close();
});

test('answers carry the policy of security, and no cookie', async () => {
  const response = await fetch(site.url);
  const policy = response.headers.get('content-security-policy') ?? '';
  for (const rule of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    assert.ok(policy.includes(rule), `lacks ${rule}`);
  }
  assert.doesNotMatch(policy, /unsafe-|nonce-/);
  assert.equal(response.headers.get('set-cookie'), null);
});
