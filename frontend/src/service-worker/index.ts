/**
 * Reading without network: always the network first; the files of the site and the last pages that were read are
 * kept for when there is none. Nothing is fetched ahead, nothing private is kept.
 */

import { version } from '$app/env';

const worker = self as unknown as ServiceWorkerGlobalScope;

const PAGES = `pages-${version}`;
const FILES = `files-${version}`;
const MOST_PAGES = 30;
/** Answers differ by who asks; here it is always the same reader. */
const WHOEVER_ASKS = { ignoreVary: true };

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name !== PAGES && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (isFile(url.pathname)) event.respondWith(file(request));
});

/** The page that was read before there was a worker, and its files. */
worker.addEventListener('message', (event) => event.waitUntil(keepRead(event.data as string[])));

async function keepRead(addresses: string[]): Promise<void> {
  // Files that the browser holds already are not fetched again.
  const requests = addresses.map((address) => new Request(address, { cache: 'force-cache' }));
  const isOurs = ({ url }: Request) => new URL(url).origin === location.origin;
  const [read, ...files] = requests.filter(isOurs);
  await Promise.all([
    read && page(read),
    ...files.filter(({ url }) => isFile(new URL(url).pathname)).map((request) => file(request)),
  ]);
}

/** Files whose names change with what is in them, and small pictures of the site. */
const isFile = (path: string) => /^\/(_app\/immutable|icons|covers)\//.test(path);

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(PAGES);
  try {
    const response = await fetch(request);
    if (response.ok && !/private|no-store/.test(response.headers.get('cache-control') ?? '')) {
      await keep(cache, request, response.clone());
    }
    return response;
  } catch (failure) {
    const kept = (await cache.match(request, WHOEVER_ASKS)) ?? (await cache.match('/', WHOEVER_ASKS));
    if (kept) return kept;
    throw failure;
  }
}

async function keep(cache: Cache, request: Request, response: Response): Promise<void> {
  await cache.delete(request, WHOEVER_ASKS);
  await cache.put(request, response);
  const keys = await cache.keys();
  // The oldest come first.
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map((old) => cache.delete(old)));
}

async function file(request: Request): Promise<Response> {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
