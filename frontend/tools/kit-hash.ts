import type { Plugin } from 'vite';

const HASH = `
export const hash = () => '';
export const hash_request = () => '';`;

/**
 * Kit hashes each page for an `ETag`, character by character: in an engine that does not compile, a third of the time
 * of a page, for a header that the host drops, because it makes its own. With `csr = false` nothing else is hashed.
 */
export const withoutHash = (): Plugin => {
  let found = false;
  return {
    name: 'kermesse-without-hash',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'ssr',
    load: {
      filter: { id: /\/@sveltejs\/kit\/src\/utils\/hash\.js$/ },
      handler() {
        found = true;
        return HASH;
      },
    },
    buildEnd() {
      if (!found) this.error('Kit has its hash somewhere else: see tools/kit-hash.ts');
    },
  };
};
