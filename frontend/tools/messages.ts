/**
 * `locales/LANGUAGE/NAMESPACE.json` (ICU MessageFormat) becomes modules of functions and a type of their keys.
 * A key that one language lacks, or arguments that differ, fail the build.
 */

import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/lib/compile-module.js';
import { parse, type Token } from '@messageformat/parser';
import fs from 'node:fs';
import type { Plugin } from 'vite';
import { LOCALES, type Locale } from './locales.ts';

const TYPES = 'src/lib/i18n/messages.d.ts';

type Texts = Record<string, string>;

export function readMessages(locale: Locale): Texts {
  const texts: Texts = {};
  for (const file of fs.readdirSync(`locales/${locale}`)) {
    const namespace = file.replace(/\.json$/, '');
    const messages = JSON.parse(fs.readFileSync(`locales/${locale}/${file}`, 'utf8')) as Texts;
    for (const [key, text] of Object.entries(messages)) texts[`${namespace}.${key}`] = text;
  }
  return texts;
}

/** What is wrong between the languages, one line each. */
export function problems(all: Record<string, Texts>): string[] {
  const found: string[] = [];
  const locales = Object.keys(all);
  for (const key of new Set(Object.values(all).flatMap(Object.keys))) {
    const lacking = locales.filter((locale) => all[locale]?.[key] === undefined);
    if (lacking.length) {
      found.push(`${key}: not in ${lacking.join(', ')}`);
      continue;
    }
    const shapes = locales.map((locale) => argumentNames(all[locale]?.[key] ?? '').join(', '));
    if (new Set(shapes).size > 1) found.push(`${key}: takes other values (${shapes.join(' | ')})`);
  }
  return found;
}

export function argumentNames(message: string): string[] {
  return [...new Set(parse(message).flatMap(namesIn))].sort();
}

function namesIn(token: Token): string[] {
  if (token.type === 'content' || token.type === 'octothorpe') return [];
  if (!('cases' in token)) return [token.arg];
  return [token.arg, ...token.cases.flatMap(({ tokens }) => tokens.flatMap(namesIn))];
}

function check(): Record<Locale, Texts> {
  const all = Object.fromEntries(LOCALES.map((locale) => [locale, readMessages(locale)])) as Record<
    Locale,
    Texts
  >;
  const found = problems(all);
  if (found.length) throw new Error(`locales/: messages do not match\n  ${found.join('\n  ')}`);
  return all;
}

/** Writes the type of the messages where it is another than before. */
export function writeTypes(): void {
  const lines = Object.entries(check().en).map(([key, text]) => {
    const names = argumentNames(text).map((name) => `${name}: string | number`);
    return `  '${key}': ${names.length ? `{ ${names.join('; ')} }` : 'undefined'};`;
  });
  const text = `/* written by tools/messages.ts */\nexport interface Messages {\n${lines.join('\n')}\n}\n`;
  if (!fs.existsSync(TYPES) || fs.readFileSync(TYPES, 'utf8') !== text) fs.writeFileSync(TYPES, text);
}

/** `virtual:messages/fr` is the function of each message of that language, by key. */
export const messages = (): Plugin => ({
  name: 'kermesse-messages',
  buildStart: writeTypes,
  resolveId: { filter: { id: /^virtual:messages\// }, handler: (id) => `\0${id}` },
  load: {
    filter: { id: /^\0virtual:messages\// },
    handler(id) {
      const locale = id.slice('\0virtual:messages/'.length) as Locale;
      for (const file of fs.readdirSync(`locales/${locale}`)) this.addWatchFile(`locales/${locale}/${file}`);
      return compileModule(new MessageFormat(locale, { returnType: 'string' }), check()[locale]);
    },
  },
});

if (import.meta.main) writeTypes();
