/** Leaves only the hashes of the registered operations in the bundles: their text is in `build/operations.json`. */

import type { Plugin } from 'vite';

const DOCUMENT = /export const (\w+Document) = new TypedDocumentString\(`[^`]*`, \{"hash":"([^"]+)"/g;

export const graphqlHashes = (): Plugin => ({
  name: 'kermesse-graphql-hashes',
  enforce: 'pre',
  transform: {
    filter: { id: /\/graphql\/generated\/graphql\.ts$/ },
    handler(code) {
      const operations = [...code.matchAll(DOCUMENT)];
      return {
        code: operations.map(([, name, hash]) => `export const ${name} = '${hash}';`).join('\n'),
        map: null,
      };
    },
  },
});
