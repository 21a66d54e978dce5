import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types and registered operations from the server's contract and the queries beside the components. */
const config: CodegenConfig = {
  schema: '../schema.graphql',
  documents: ['src/**/*.graphql'],
  generates: {
    'src/lib/graphql/generated/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        skipTypename: true,
        importExtension: '.ts',
        defaultScalarType: 'string',
        strictScalars: false,
        maybeValue: 'T | null',
      },
    },
  },
};

export default config;
