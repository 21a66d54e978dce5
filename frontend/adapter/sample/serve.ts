/**
 * The built pages over the sample events on http://127.0.0.1:PORT, for looking at them and for trying the journeys of
 * `e2e/` without the binary: `npm run build && node adapter/sample/serve.ts 8080`.
 */

import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { isLocale, toLocale } from '../../src/lib/i18n/locale.ts';
import { start } from '../host.ts';
import { sampleApi } from './api.ts';
import { NOW } from './events.ts';

const CLIENT = 'build/client';
const TYPES: Record<string, string> = {
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

/** As the binary says it of pages. */
const VARY = 'accept, accept-encoding, accept-language, authorization, cookie, signature';

const read = (name: string) => fs.readFileSync(`build/${name}`, 'utf8');
const operations = JSON.parse(read('operations.json')) as Record<string, string>;
const render = start(read('ssr.js'), sampleApi(operations), (level, text) =>
  console.log(`[${level}] ${text}`),
);

function sendFile(response: http.ServerResponse, file: string, accepts: string): void {
  const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  const headers: http.OutgoingHttpHeaders = { 'content-type': type };
  if (file.includes('/immutable/')) headers['cache-control'] = 'public, max-age=31536000, immutable';
  const packed = accepts.includes('br') && fs.existsSync(`${file}.br`);
  if (packed) headers['content-encoding'] = 'br';
  response.writeHead(200, headers).end(fs.readFileSync(packed ? `${file}.br` : file));
}

/** "/fr/search" → the prefix and what Kit knows. */
function splitPrefix(pathname: string): [prefix: string, rest: string] {
  const [, first = '', ...rest] = pathname.split('/');
  return isLocale(first) ? [`/${first}`, `/${rest.join('/')}`] : ['', pathname];
}

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1:8080');
  const accepts = String(request.headers['accept-encoding'] ?? '');
  const file = path.join(CLIENT, path.normalize(url.pathname));
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return sendFile(response, file, accepts);
  if (url.pathname.startsWith('/media/')) {
    return sendFile(response, `${CLIENT}/covers/bandstand.png`, '');
  }
  if (/\/(export\/ics|feed\/.*|(ics|atom|rss|json))$/.test(url.pathname)) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('a feed');
    return;
  }
  const [prefix, rest] = splitPrefix(url.pathname);
  const locale = toLocale(prefix.slice(1) || request.headers['accept-language']);
  const reply = await render({
    url: url.origin + rest + url.search,
    platform: { locale, prefix, clock: NOW, siteName: 'Kermesse des Pentes' },
  });
  const headers: http.OutgoingHttpHeaders = Object.fromEntries(reply.headers);
  delete headers['content-length'];
  headers.vary = VARY;
  if (!accepts.includes('br')) {
    response.writeHead(reply.status, headers).end(reply.body);
    return;
  }
  headers['content-encoding'] = 'br';
  response.writeHead(reply.status, headers).end(brotliCompressSync(reply.body));
}

/** Starts it; port 0 is any free one. */
export async function serveSample(port: number): Promise<{ url: string; close: () => void }> {
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: given } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${given}`, close };
}

if (import.meta.main) console.log((await serveSample(Number(process.argv[2] ?? 8080))).url);
