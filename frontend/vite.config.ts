import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import embedded from './adapter/index.ts';
import { dates } from './tools/dates.ts';
import { graphqlHashes } from './tools/graphql-hashes.ts';
import { withoutHash } from './tools/kit-hash.ts';
import { messages } from './tools/messages.ts';

/** Where `npm run dev` finds the binary. */
const api = process.env.KERMESSE_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [
    messages(),
    graphqlHashes(),
    dates(),
    withoutHash(),
    sveltekit({
      adapter: embedded(),
      compilerOptions: { runes: true },
      paths: { relative: false },
      // By default the time of the build, which makes every build another.
      version: { name: process.env.KERMESSE_VERSION ?? 'dev' },
      // `src/enhance` does it, when the page is quiet.
      serviceWorker: { register: false },
      inlineStyleThreshold: 0,
      csp: {
        // Nonces would be kept with the page in the cache.
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'media-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'form-action': ['self'],
          'base-uri': ['none'],
          'object-src': ['none'],
          'frame-ancestors': ['none'],
          'require-trusted-types-for': ['script'],
        },
      },
    }),
  ],
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': api, '/media': api, '/feed': api } },
  build: {
    target: 'es2020',
    cssTarget: ['chrome111', 'safari16.4', 'firefox114'],
    assetsInlineLimit: 0,
  },
  test: { include: ['{adapter,covers,src,tools}/**/*.test.ts'] },
});
