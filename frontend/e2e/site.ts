/**
 * The site under trial: KERMESSE_E2E_URL, else the built pages over the sample events. Its pages are found by
 * following links from the home page, as a reader would: no address is known before.
 */

import type { Page } from 'playwright-core';

export interface Site {
  url: string;
  close: () => void;
}

export async function openSite(): Promise<Site> {
  const url = process.env.KERMESSE_E2E_URL;
  if (url) return { url: url.replace(/\/$/, ''), close: () => {} };
  const { serveSample } = await import('../adapter/sample/serve.ts');
  return serveSample(0);
}

/** Kinds of pages and how to know a link to one. */
const KINDS: [kind: string, path: RegExp][] = [
  ['series', /^\/series\/[\w-]+$/],
  ['profile', /^\/@[^/?]+$/],
  ['tag', /^\/tags\/[^/?]+$/],
  ['place', /^\/address\/[\w-]+$/],
];

/** Events in each of their states, as the lists show them. */
const EVENTS = [
  'article',
  'article.off',
  'article:has(use[href$="#repeat"])',
  'article:has(use[href$="#video"])',
  'article:has(.pic[srcset])',
];

/** No page, and the only one. */
export const NOT_HERE = '/not-here';

const KNOWN = [
  '/',
  '/search',
  '/search?q=zzzz-nothing',
  '/search?near=Lyon&km=10&when=month',
  '/search?near=Nowhere-at-all',
  '/search?when=past',
  '/subscribe',
  '/about',
  NOT_HERE,
];

const linksOf = (page: Page): Promise<string[]> =>
  page.$$eval('a[href]', (links) =>
    links.flatMap((link) => {
      const { origin, pathname, search } = new URL((link as HTMLAnchorElement).href);
      return origin === location.origin ? [pathname + search] : [];
    }),
  );

const eventsOf = (page: Page): Promise<string[]> =>
  page.evaluate(
    (selectors) =>
      selectors.flatMap((selector) => {
        const link = document.querySelector<HTMLAnchorElement>(`${selector} .name a`);
        return link ? [new URL(link.href).pathname] : [];
      }),
    EVENTS,
  );

/** Paths of every kind of page, and all links of this site that were seen on the way. */
export async function discover(page: Page, url: string): Promise<{ paths: string[]; links: string[] }> {
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  const seen = new Set([...KNOWN, ...(await eventsOf(page))]);
  const found = new Set<string>();
  const links = new Set<string>();
  // A set may grow while it is walked through: what is found on the way is visited too.
  for (const path of seen) {
    await page.goto(url + path, { waitUntil: 'domcontentloaded' });
    for (const link of await linksOf(page)) {
      links.add(link);
      const [kind] = KINDS.find(([, pattern]) => pattern.test(link)) ?? [];
      if (!kind || found.has(kind)) continue;
      found.add(kind);
      seen.add(link);
    }
  }
  const missing = KINDS.filter(([kind]) => !found.has(kind)).map(([kind]) => kind);
  if (missing.length) console.log(`# no page of this kind is linked: ${missing.join(', ')}`);
  return { paths: [...seen], links: [...links] };
}
