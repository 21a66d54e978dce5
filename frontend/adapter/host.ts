/**
 * The host in Node: runs `ssr.js` in a bare context with the natives that Rust gives it otherwise.
 * For the tests, the pictures of the pages, and the error pages that the build writes; never for visitors.
 */

import { createHash, randomBytes } from 'node:crypto';
import vm from 'node:vm';
import type { Natives } from './web/natives.ts';

export interface PageRequest {
  url: string;
  method?: string;
  headers?: [string, string][];
  body?: string;
  platform: App.Platform;
}

export interface PageReply {
  status: number;
  headers: [string, string][];
  body: string;
}

export interface FetchRequest {
  url: string;
  method: string;
  headers: [string, string][];
  body: string | null;
}

/** Answers a `fetch` of the pages. */
export type Answer = (request: FetchRequest) => PageReply;

export type Render = (request: PageRequest) => Promise<PageReply>;

export function parseUrl(href: string, base: string): string {
  if (!URL.canParse(href, base || undefined)) return '';
  const url = new URL(href, base || undefined);
  const { protocol, username, password, hostname, host, port, pathname, search, hash, origin } = url;
  const slashes = url.href.startsWith(`${protocol}//`);
  const parts = {
    protocol,
    username,
    password,
    hostname,
    host,
    port,
    pathname,
    search,
    hash,
    origin,
    slashes,
  };
  return JSON.stringify(parts);
}

const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** The natives of `adapter/web/natives.ts`, by Node. */
export function natives(answer: Answer, log: Natives['__log'] = () => {}): Natives {
  return {
    __url: parseUrl,
    __fetch: (request) => JSON.stringify(answer(JSON.parse(request) as FetchRequest)),
    __log: log,
    __encode: (text) => plain(new TextEncoder().encode(text)),
    __random: (length) => plain(randomBytes(length)),
    __sha256: (text) => plain(createHash('sha256').update(text).digest()),
  };
}

/** Evaluates the server's script once, as the engine does, and gives its `handle`. */
export function start(source: string, answer: Answer, log?: Natives['__log']): Render {
  const context = vm.createContext({ ...natives(answer, log), Intl: undefined });
  // Arrays of this process are not arrays of the context: its own are made from theirs.
  vm.runInContext(
    `for (const name of ['__encode', '__random', '__sha256']) {
       const native = globalThis[name];
       globalThis[name] = (input) => Uint8Array.from(native(input));
     }`,
    context,
  );
  vm.runInContext(source, context, { filename: 'ssr.js' });
  const handle = (context as { handle?: (json: string) => Promise<string> }).handle;
  if (!handle) throw new Error('the script defines no handle');
  return async (request) => {
    const json = JSON.stringify({ method: 'GET', headers: [['accept', 'text/html']], ...request });
    return JSON.parse(await handle(json)) as PageReply;
  };
}
