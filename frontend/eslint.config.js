import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import publicPages from './tools/lint-public-pages.ts';

export default defineConfig(
  globalIgnores([
    '.svelte-kit',
    'build',
    'src/generated',
    'src/lib/graphql/generated',
    'src/lib/i18n/messages.d.ts',
  ]),
  ts.configs.recommended,
  svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  // Types in components are svelte-check's: typescript-eslint does not resolve ./$types there.
  {
    files: ['{src,adapter,covers,tools,e2e}/**/*.ts'],
    extends: [ts.configs.recommendedTypeCheckedOnly],
    languageOptions: { parserOptions: { projectService: true } },
  },
  {
    files: ['e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: 'test' }] },
      ],
    },
  },
  // The web's interfaces are asynchronous whether there is something to wait for or not.
  { files: ['adapter/web/*.ts'], rules: { '@typescript-eslint/require-await': 'off' } },
  {
    files: ['**/*.svelte'],
    plugins: { kermesse: publicPages },
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      // The policy of security refuses inline styles.
      'kermesse/no-inline-style': 'error',
    },
  },
  {
    // These pages load no Svelte in the browser: a handler would do nothing.
    files: ['src/routes/(public)/**/*.svelte', 'src/routes/+*.svelte', 'src/lib/**/*.svelte'],
    rules: { 'kermesse/no-handlers': 'error' },
  },
  {
    rules: {
      // Links are made by `href()` of `lib/i18n`, which keeps the language.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
);
