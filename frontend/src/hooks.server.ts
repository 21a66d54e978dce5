import type { Handle, HandleFetch, HandleServerError } from '@sveltejs/kit/hooks';
import { directionOf, toLocale } from '#lib/i18n/locale.ts';

/** The host says who reads and when; `npm run dev` has no host. */
export const handle: Handle = ({ event, resolve }) => {
  const { locale, prefix, clock, siteName } = event.platform ?? {};
  const instant = new Date().toISOString();
  event.locals.locale = toLocale(locale ?? event.request.headers.get('accept-language'));
  event.locals.prefix = prefix ?? '';
  event.locals.clock = clock ?? { instant, local: instant.slice(0, 19) };
  event.locals.siteName = siteName ?? 'Kermesse';
  return resolve(event, {
    transformPageChunk: ({ html }) =>
      html
        .replace('%lang%', event.locals.locale)
        .replace('%dir%', directionOf(event.locals.locale))
        .replace('%enhance%', globalThis.__enhance ?? '/src/enhance/index.ts'),
    filterSerializedResponseHeaders: () => false,
    preload: ({ type }) => type === 'css',
  });
};

/** The API is beside Kit, never inside it: spare the way through Kit's router. */
export const handleFetch: HandleFetch = ({ request, fetch }) => {
  const { pathname } = new URL(request.url);
  return pathname === '/api' ? globalThis.fetch(request) : fetch(request);
};

/** Kit passes every error here, those that `error()` throws too: only the unknown ones are worth a line. */
export const handleError: HandleServerError = ({ error, event, kind }) => {
  if (kind !== 'unknown') return;
  console.error(`a page failed path=${event.url.pathname}`, error);
  return { message: 'internal' };
};
