/** Every page, rendered by the built script in a bare context over the sample events. Needs `npm run build`. */

import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { LOCALES, type Locale } from '../src/lib/i18n/locale.ts';
import { start, type FetchRequest } from './host.ts';
import { sampleApi } from './sample/api.ts';
import { NOW, uuid } from './sample/events.ts';

const CLIENT = 'build/client';
const read = (name: string) => fs.readFileSync(`build/${name}`, 'utf8');
const ssr = read('ssr.js');
const operations = JSON.parse(read('operations.json')) as Record<string, string>;

let asked: FetchRequest[] = [];
let logged: string[] = [];
const api = sampleApi(operations, (request) => asked.push(request));
const render = start(ssr, api, (level, text) => logged.push(`${level}: ${text}`));

beforeEach(() => {
  asked = [];
  logged = [];
});

const page = (path: string, locale: Locale = 'en', prefix = '') =>
  render({
    url: `http://127.0.0.1:8080${path}`,
    platform: { locale, prefix, clock: NOW, siteName: 'Kermesse' },
  });

const PAGES = [
  '/',
  '/search',
  '/search?q=soupe&near=Lyon&km=10&when=month&category=FOOD_DRINK&lang=fr',
  '/search?q=bruxeles&near=Atlantis',
  '/search?page=2',
  '/search?when=past',
  '/series/' + uuid(700),
  `/series/${uuid(700)}?past=1`,
  '/@pentes',
  '/@pentes?past=1',
  '/@nadia',
  '/tags/repas-partage',
  '/address/' + uuid(901),
  '/subscribe',
  '/subscribe?of=@pentes',
  '/subscribe?tag=repas-partage',
  `/subscribe?place=${uuid(901)}`,
  '/subscribe?search=1&q=soupe',
  '/about',
  ...Array.from({ length: 19 }, (_, i) => `/events/${uuid(i)}`),
];

describe.each(LOCALES)('in %s', (locale) => {
  test.each(PAGES)('%s is a complete page by one query', async (path) => {
    const { status, headers, body } = await page(path, locale);
    expect(status).toBe(200);
    expect(asked).toHaveLength(1);
    expect(logged).toEqual([]);
    expect(body).toContain(`<html lang="${locale}" dir="ltr">`);
    expect(body).toMatch(/<title>[^<]+<\/title>/);
    expect(body.match(/<h1[ >]/g)).toHaveLength(1);
    expect(body).not.toMatch(/undefined|\[object Object\]|NaN/);
    // Keys of messages that were not found.
    expect(body).not.toMatch(
      />\s*(common|event|search|home|series|profile|place|tag|subscribe|about)\.\w+\s*</,
    );
    const policy = Object.fromEntries(headers)['content-security-policy'];
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
  });
});

test.each(PAGES)('%s is within its budget and asks nothing of others', async (address) => {
  const { body } = await page(address);
  expect(body).not.toMatch(/ style="/);
  expect(body).not.toMatch(/<script(?![^>]*(src="\/_app|type="application\/ld\+json"))/);
  expect(body).not.toMatch(/ on\w+="/);
  const files = [...body.matchAll(/(?:src|href)="(\/(?:_app|icons)[^"#]+)/g)].map(([, file]) => file ?? '');
  const wanted = [...new Set(files)];
  const sizes = wanted.map((file) => [file, weight(file)] as const);
  const sum = (kind: RegExp) => sizes.reduce((all, [file, size]) => all + (kind.test(file) ? size : 0), 0);
  const pictures = [...body.matchAll(/<img[^>]*src="(?!\/_app)[^"]+"/g)];
  expect(sum(/\.js$/)).toBeLessThanOrEqual(10_000);
  expect(sum(/\.css$/)).toBeLessThanOrEqual(15_000);
  expect(sum(/./) + brotliCompressSync(body).length).toBeLessThanOrEqual(100_000);
  // The page itself and the manifest; the pictures of events come one by one, as one scrolls.
  expect(wanted.length + 2 + Math.min(pictures.length, 1)).toBeLessThanOrEqual(12);
  expect(body.match(/<article/g)?.length ?? 0).toBeLessThanOrEqual(50);
  for (const [, source] of body.matchAll(
    /<(?:img|script|link rel="(?:stylesheet|preload|icon)")[^>]*(?:src|href)="([^"]*)/g,
  )) {
    expect(source).toMatch(/^\//);
  }
});

function weight(file: string): number {
  const built = path.join(CLIENT, file);
  return fs.statSync(fs.existsSync(`${built}.br`) ? `${built}.br` : built).size;
}

describe('an event', () => {
  const event = async (number: number, locale: Locale = 'en') =>
    (await page(`/events/${uuid(number)}`, locale)).body;

  test.each([
    [3, 'Still to be confirmed.'],
    [3, 'Something has changed.'],
    [4, 'This event is cancelled.'],
    [5, 'on right now'],
    [6, 'Also online'],
    [14, 'This event is over.'],
    [15, 'Eastern Time'],
  ])('%i says “%s”', async (number, text) => {
    expect(await event(number)).toContain(text);
  });

  test('of a series tells its rhythm and its other dates', async () => {
    const body = await event(1);
    expect(body).toContain('Every second Tuesday, until Tuesday, 21 December 2027');
    expect(body).toContain(`/series/${uuid(700)}`);
    expect(body).toContain('Tuesday, 29 June 2027');
  });

  test('that is in no list is kept from search engines with its series', async () => {
    const series = async (number: number) => (await page(`/series/${uuid(number)}`)).body;
    expect(await series(701)).toContain('<meta name="robots" content="noindex"');
    expect(await series(700)).not.toContain('noindex');
  });

  test('gives programs its linked data, its preview and its calendar', async () => {
    const body = await event(0);
    const [, json = '{}'] = /<script type="application\/ld\+json">(.*?)<\/script>/.exec(body) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      '@type': 'Event',
      name: 'La grande tablée du quartier',
      startDate: '2027-06-12T12:00:00+02:00',
      endDate: '2027-06-12T22:00:00+02:00',
      eventStatus: 'https://schema.org/EventScheduled',
      location: [{ '@type': 'Place', address: { postalCode: '69001' }, geo: { latitude: 45.769 } }],
    });
    expect(body).toContain('<meta property="og:image" content="http://127.0.0.1:8080/covers/feast.png"');
    expect(body).toContain(`type="application/activity+json" href="http://127.0.0.1:8080/events/${uuid(0)}"`);
    expect(body).toContain(`/events/${uuid(0)}/export/ics`);
    expect(body).not.toContain('noindex');
  });

  test('that is unlisted is kept from search engines, and is written its own way round', async () => {
    const body = await event(16);
    expect(body).toContain('<meta name="robots" content="noindex"');
    expect(body).not.toContain('ld+json');
    expect(body).toMatch(/<h1[^>]*dir="auto"[^>]*lang="ar"/);
  });
});

describe('links', () => {
  test('keep the language that the address says', async () => {
    const { body } = await page('/', 'fr', '/fr');
    const own = [...body.matchAll(/<a [^>]*href="(\/[^"]*)"/g)].map(([, link]) => link ?? '');
    const others = own.filter((link) => !/^\/fr(\/|$)/.test(link));
    expect(others).toEqual(expect.arrayContaining(['/en', '/feed/instance/atom']));
    expect(others.every((link) => link === '/en' || link.startsWith('/feed/'))).toBe(true);
    expect(body).toContain('<link rel="canonical" href="http://127.0.0.1:8080/fr"');
  });

  test('to the other language lead to the same page', async () => {
    const { body } = await page('/search?q=soupe', 'fr', '/fr');
    expect(body).toContain('href="/en/search?q=soupe"');
  });
});

describe('failures', () => {
  test.each([
    ['/nothing', 404, 'There is nothing here'],
    [`/events/${uuid(999)}`, 404, 'There is nothing here'],
    ['/events/not-a-uuid', 404, 'There is nothing here'],
    ['/@nobody', 404, 'There is nothing here'],
    ['/tags/nothing', 404, 'There is nothing here'],
    [`/address/${uuid(999)}`, 404, 'There is nothing here'],
    ['/subscribe?of=@nobody', 404, 'There is nothing here'],
    [`/events/${uuid(410)}`, 410, 'This was taken down'],
    [`/events/${uuid(500)}`, 500, 'Something broke on our side'],
  ])('%s answers %i and says “%s”', async (path, status, words) => {
    const reply = await page(path);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(words);
    expect(reply.body).toContain('noindex');
    expect(reply.body.match(/<main/g)).toHaveLength(1);
  });

  test('an address that is no UUID is not asked of the API', async () => {
    await page('/events/not-a-uuid');
    expect(asked).toEqual([]);
  });

  test('a hostile search is only text', async () => {
    const { body } = await page(`/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(body).not.toContain('<script>alert');
  });

  test.each([500, 503])('a page for %i is there before any engine is', (status) => {
    for (const locale of LOCALES) {
      const html = read(`errors/${status}.${locale}.html`);
      expect(html).toContain(`<html lang="${locale}"`);
      expect(html).toContain('/_app/immutable/');
    }
  });
});

describe('the build', () => {
  test('registers each query once, by its hash', () => {
    expect(Object.keys(operations)).toHaveLength(9);
    for (const id of Object.keys(operations)) {
      expect(id).toMatch(/^sha256:[\da-f]{64}$/);
      expect(ssr.includes(id)).toBe(true);
    }
    expect(ssr.includes('fragment TicketEvent')).toBe(false);
  });

  test('gives Rust the words of dates and the covers', () => {
    const dates = JSON.parse(read('dates.json')) as Record<string, { longMonths: string[] }>;
    expect(dates.fr?.longMonths[7]).toBe('août');
    const covers = JSON.parse(read('covers.json')) as Record<string, string>;
    for (const file of Object.values(covers)) expect(fs.existsSync(`${CLIENT}${file}`)).toBe(true);
  });

  test('compresses every text', () => {
    const files = fs.readdirSync(CLIENT, { recursive: true, encoding: 'utf8' });
    const texts = files.filter((name) => /\.(css|js|json|svg|webmanifest)$/.test(name));
    expect(texts.length).toBeGreaterThan(10);
    for (const name of texts) expect(files).toContain(`${name}.br`);
  });

  test('has hostile pages for the tests of the host, and only there', async () => {
    expect((await page('/__hostile/throw')).status).toBe(404);
    expect(ssr.includes('on purpose')).toBe(false);
    const hostile = start(read('ssr.hostile.js'), api);
    const platform = { locale: 'en', clock: NOW } as const;
    const reply = (kind: string) => hostile({ url: `http://127.0.0.1:8080/__hostile/${kind}`, platform });
    expect((await reply('throw')).status).toBe(500);
    expect((await reply('recursion')).status).toBe(500);
    expect((await reply('constructor')).status).toBe(404);
  });

  test('uses nothing of Node', () => {
    expect(/\brequire\(|from ?["']node:|import\(["']node:/.test(ssr)).toBe(false);
  });

  test('renders on and on', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 300; i++) expect((await page(PAGES[i % PAGES.length] ?? '/')).status).toBe(200);
  });
});
