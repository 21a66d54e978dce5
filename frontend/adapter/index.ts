/**
 * Builds the client's files, and Kit's server as one script for the engine inside the Kermesse binary.
 *
 * `build/ssr.js` defines `globalThis.handle`: a request as JSON in, the promise of a response as JSON out. What it
 * needs from the host is in `web/natives.ts`. Beside it: `client/` (each text also as `.br`), `operations.json`
 * (hash → GraphQL document), `dates.json` and `covers.json` for what Rust writes itself, `sample/` with the pictures
 * of the sample, and `errors/` for when no engine can answer. `ssr.hostile.js` is the same with the pages of `src/lib/hostile.ts`, for tests of the host.
 */

import type { Adapter } from '@sveltejs/kit';
import fs from 'node:fs';
import path from 'node:path';
import { rolldown, type OutputChunk, type OutputOptions, type Plugin } from 'rolldown';
import { coverFiles } from '../covers/index.ts';
import { LOCALES } from '../tools/locales.ts';
import { datesFor } from '../tools/dates.ts';
import { compressAll } from './compress.ts';
import { start } from './host.ts';

const OUT = 'build';
const ENHANCE = 'src/enhance/index.ts';
const SAMPLE = 'src/generated/sample';
const OPERATIONS = 'src/lib/graphql/generated/persisted-documents.json';

/**
 * What Kit's server asks of Node. An engine answers one request at a time, so AsyncLocalStorage is a variable;
 * nothing else is ever called.
 */
const NODE = `
export default {};
export class AsyncLocalStorage {
  #store;
  getStore() { return this.#store; }
  run(store, f) {
    const before = this.#store;
    const restore = () => { this.#store = before; };
    this.#store = store;
    try {
      const result = f();
      if (typeof result?.then === 'function') result.then(restore, restore);
      else restore();
      return result;
    } catch (error) {
      restore();
      throw error;
    }
  }
}`;

const withoutNode: Plugin = {
  name: 'kermesse-without-node',
  resolveId: { filter: { id: /^node:/ }, handler: () => '\0node' },
  load: { filter: { id: /^\0node$/ }, handler: () => NODE },
};

const entry = (enhance: string) => `
import ${JSON.stringify(path.resolve('adapter/web/index.ts'))};
import { server } from './server.js';

globalThis.__enhance = ${JSON.stringify(enhance)};
const ready = server.init({ env: {}, read: () => null });

globalThis.handle = async (json) => {
  await ready;
  const { url, platform, ...init } = JSON.parse(json);
  const getClientAddress = () => '127.0.0.1';
  const response = await server.respond(new Request(url, init), { getClientAddress, platform });
  return JSON.stringify({ status: response.status, headers: [...response.headers], body: await response.text() });
};`;

export default (): Adapter => ({
  name: 'kermesse-embedded',
  supports: { read: () => false, instrumentation: () => false },

  async adapt(builder) {
    const server = builder.getBuildDirectory('embedded');
    for (const folder of [OUT, server]) fs.rmSync(folder, { recursive: true, force: true });
    builder.writeClient(`${OUT}/client`);
    builder.writePrerendered(`${OUT}/client`);
    builder.writeServer(server);
    builder.generateServerInstance(`${server}/server.js`, { serverDirectory: server });

    const scripts = `${builder.config.appDir}/immutable/enhance`;
    const enhance = await bundle(ENHANCE, {
      dir: `${OUT}/client/${scripts}`,
      format: 'es',
      entryFileNames: '[hash].js',
      chunkFileNames: '[hash].js',
    });
    fs.writeFileSync(`${server}/entry.js`, entry(`/${scripts}/${enhance.fileName}`));
    const ssr = await bundle(`${server}/entry.js`, script('ssr.js'));
    await bundle(`${server}/entry.js`, script('ssr.hostile.js'), { hostile: true });

    fs.copyFileSync(OPERATIONS, `${OUT}/operations.json`);
    writeJson('dates.json', Object.fromEntries(LOCALES.map((locale) => [locale, datesFor(locale)])));
    writeJson('covers.json', coverFiles());
    fs.cpSync(SAMPLE, `${OUT}/sample`, { recursive: true });
    await writeErrorPages(ssr.code);
    const saved = compressAll(`${OUT}/client`);
    builder.log.success(
      `ssr.js ${kib(ssr.code.length)}, ${saved.files} files compressed to ${kib(saved.bytes)}`,
    );
  },
});

const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;

const writeJson = (name: string, data: unknown) => fs.writeFileSync(`${OUT}/${name}`, JSON.stringify(data));

const script = (name: string): OutputOptions => ({
  file: `${OUT}/${name}`,
  format: 'iife',
  codeSplitting: false,
  sourcemap: 'hidden',
});

/** One script and what it imports, for an engine or a browser: nothing of Node is left in it. */
async function bundle(input: string, output: OutputOptions, { hostile = false } = {}): Promise<OutputChunk> {
  const build = await rolldown({
    input,
    platform: 'neutral',
    tsconfig: false,
    resolve: { mainFields: ['module', 'main'], conditionNames: ['production'] },
    transform: {
      target: 'es2022',
      define: { 'import.meta.dirname': 'undefined', __HOSTILE__: String(hostile) },
    },
    plugins: [withoutNode],
  });
  const written = await build.write({ minify: true, ...output });
  await build.close();
  return written.output[0];
}

/** The site's own pages for a failure that keeps every engine from answering: the home page, read from an API that fails so. */
async function writeErrorPages(ssr: string) {
  fs.mkdirSync(`${OUT}/errors`, { recursive: true });
  for (const status of [500, 503]) {
    const render = start(ssr, () => ({ status, headers: [], body: '' }));
    for (const locale of LOCALES) {
      const reply = await render({ url: 'http://localhost/', platform: { locale } });
      if (reply.status !== status) throw new Error(`the page for ${status} answered ${reply.status}`);
      fs.writeFileSync(`${OUT}/errors/${status}.${locale}.html`, reply.body);
    }
  }
}
